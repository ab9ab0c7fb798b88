// Package control owns the HTTP interface by which a test drives a fake that
// runs by itself: it sets and takes away faults, and reads what arrived.
//
//	GET    /healthz          200 as long as the fake serves
//	GET    /faults           the faults: name, words, felt (how often), on
//	PUT    /faults/NAME      sets one, in place of another of that name; the body
//	                         is a JSON object in the words of the fake
//	DELETE /faults/NAME      heals one and takes it away
//	GET    /messages         what arrived, oldest first, without its content
//	GET    /messages/N       the content of message N, as it came
//	GET    /events           what happened, oldest first
//	POST   /heal             heals all faults and takes them away
//	POST   /reset            as at the start: nothing recorded, and only the
//	                         faults that the fake was started with
//
// Answers are JSON, refusals {"error": "..."} with 400 for words that mean
// nothing, 404, 405 and 413. A record that has grown too long forgets its
// beginning: see MostMessages and MostBytes.
//
// It must not know what a fault is or which fake it drives: both are a Subject's.
// It opens no listener.
package control

// Package alerts owns the other end of an operator's alarm: a webhook that takes
// what a monitoring system sends, in the form of Prometheus's Alertmanager or as
// plain text, and tells when it came.
//
// It must not judge an alarm, nor know what it should have been about: that is
// for the caller, to whom each goes with its time. It opens no listener, starts
// no process and logs nothing.
package alerts

// Package live owns the view of a run that goes on: a page for people (server-sent
// events), figures for Prometheus, and the buttons that pause and stop.
//
// It listens on loopback only, answers to loopback names only, and obeys only
// those who know the token. It must not know how runs are made: it is told
// moments, and it calls what it was given.
package live

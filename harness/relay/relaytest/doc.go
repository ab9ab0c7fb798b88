// Package relaytest owns the conformance suite for drivers: what the harness
// relies on is tried with each of them, at real time and at speed, in a small
// world of its own (a name server and mail hosts on loopback).
//
// It must not know any driver by name, and nothing of a relay but what package
// relay says.
package relaytest

// Package reports owns what is *told*: it renders a judgement for a person
// (Text), for a program (JSON) and for a CI server (JUnit).
//
// It decides nothing. Every outcome, figure and reason it prints was settled by
// package check; a renderer may leave out, shorten or draw, never weigh. It
// opens no files and asks no clock: what is not in Input is not told.
package reports

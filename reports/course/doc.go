// Package course owns the run as a picture shows it: one pass over the evidence
// that samples what waited, came, went and failed, for each cohort, and collects
// the stories of the messages that a report names.
//
// It decides nothing and counts nothing that a verdict depends on: outcomes and
// figures are package check's. It draws nothing either; package chart does.
package course

// Package outsidetest owns a Postfix that hansei neither started nor configured,
// for tests of the external driver: it is set up here as its owner would, by
// what `hansei doctor --external` says, with Postfix's own commands.
//
// It must not use the driver for Postfix: that is what it stands outside of.
package outsidetest

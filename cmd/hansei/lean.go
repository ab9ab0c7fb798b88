package main

import (
	"os"
	"runtime/debug"
)

// lean makes the collector come when the heap has grown by a tenth instead of
// doubled, until what it returns is called. A ledger of millions of messages holds
// no pointers: to go through it costs the collector next to nothing, to hold its
// like in garbage beside it would cost twice the memory. Whoever has set GOGC knows
// better.
func lean() (end func()) {
	if os.Getenv("GOGC") != "" {
		return func() {}
	}
	was := debug.SetGCPercent(10)
	return func() { debug.SetGCPercent(was) }
}

package process

import "time"

// Usage is what a tree uses of the machine at one moment.
type Usage struct {
	// CPU is user and system time since the tree's start, of the living and
	// of those that ended.
	CPU time.Duration
	// Memory in bytes is the proportional share: what several processes share
	// counts once. Where the kernel does not tell it, it is the resident set.
	Memory    int64
	OpenFiles int64
	Processes int64
}

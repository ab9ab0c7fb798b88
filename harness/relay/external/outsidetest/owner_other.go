//go:build !linux

package outsidetest

import "io/fs"

// ownerOf is nobody: such relays are for Linux only, and Ready says so.
func ownerOf(fs.FileInfo) [2]int { return [2]int{} }

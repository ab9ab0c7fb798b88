package outsidetest

import (
	"io/fs"
	"syscall"
)

// ownerOf is the user and the group to whom a folder belongs.
func ownerOf(info fs.FileInfo) [2]int {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return [2]int{int(s.Uid), int(s.Gid)}
	}
	return [2]int{}
}

//go:build unix

package process

import (
	"io/fs"
	"syscall"
)

// allocated is what a file takes on disk; st_blocks counts 512 bytes each
// (stat(2)).
func allocated(info fs.FileInfo) int64 {
	if s, ok := info.Sys().(*syscall.Stat_t); ok {
		return int64(s.Blocks) * 512
	}
	return info.Size()
}

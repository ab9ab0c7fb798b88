//go:build unix

package process

import (
	"io/fs"
	"os"
	"syscall"
)

// ours says whether a file belongs to the user that we run as.
func ours(info fs.FileInfo) bool {
	s, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(s.Uid) == os.Geteuid()
}

package harness

import (
	"fmt"
	"syscall"
)

// roomIn is how many bytes can still be written in a folder.
func roomIn(dir string) (int64, error) {
	var fs syscall.Statfs_t
	if err := syscall.Statfs(dir, &fs); err != nil {
		return 0, fmt.Errorf("asking for room in %s: %w", dir, err)
	}
	return int64(fs.Bavail) * fs.Bsize, nil
}

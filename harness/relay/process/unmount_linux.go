package process

import (
	"errors"
	"fmt"
	"syscall"
)

// unmount takes the mount at dir away, also while it is in use. That nothing
// is mounted there is no error.
func unmount(dir string) error {
	err := syscall.Unmount(dir, syscall.MNT_DETACH|unmountNoFollow)
	if err == nil || errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOENT) {
		return nil
	}
	return fmt.Errorf("unmounting %s: %w", dir, err)
}

// unmountNoFollow is UMOUNT_NOFOLLOW of umount(2): a symbolic link put in the
// folder's place must not lead us elsewhere.
const unmountNoFollow = 8

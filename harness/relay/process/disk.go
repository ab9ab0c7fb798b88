package process

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
)

// Disk is what lies below a folder: the bytes that the file system keeps for
// it, and how many files (folders do not count). Files that vanish meanwhile
// are no error.
func Disk(dir string) (bytes, files int64, err error) {
	err = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			var info fs.FileInfo
			if info, err = d.Info(); err == nil {
				bytes += allocated(info)
				files++
			}
		}
		if errors.Is(err, fs.ErrNotExist) && path != dir {
			return nil
		}
		return err
	})
	if err != nil {
		return 0, 0, fmt.Errorf("measuring disk use: %w", err)
	}
	return bytes, files, nil
}

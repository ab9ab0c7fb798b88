//go:build !unix

package process

import "io/fs"

// allocated is the size of the file, the nearest that is known here.
func allocated(info fs.FileInfo) int64 { return info.Size() }

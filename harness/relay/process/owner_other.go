//go:build !unix

package process

import "io/fs"

// ours cannot be known here.
func ours(fs.FileInfo) bool { return false }

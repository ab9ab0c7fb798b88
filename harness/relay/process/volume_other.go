//go:build !linux

package process

import "context"

// hold is a volume on Linux only.
type hold struct{}

// NewVolume refuses.
func NewVolume(context.Context, string) (*Volume, error) { return nil, ErrNotLinux }

// Root is nobody.
func (v *Volume) Root() ID { return ID{} }

// Seen is path itself.
func (v *Volume) Seen(path string) string { return path }

// Enter is the line itself.
func (v *Volume) Enter(line ...string) []string { return line }

// Fill refuses.
func (v *Volume) Fill(context.Context, int64) (int64, error) { return 0, ErrNotLinux }

// Empty refuses.
func (v *Volume) Empty(context.Context) error { return ErrNotLinux }

// Close has nothing to do.
func (v *Volume) Close(context.Context) error { return nil }

// Freeze refuses.
func (t *Tree) Freeze(context.Context) error { return ErrNotLinux }

// Thaw refuses.
func (t *Tree) Thaw(context.Context) error { return ErrNotLinux }

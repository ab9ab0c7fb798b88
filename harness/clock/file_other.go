//go:build !linux

package clock

import (
	"context"
	"errors"
	"time"
)

// errLinux is the one answer of this file.
var errLinux = errors.New("a clock shared with other programs needs Linux: " +
	"run at real time, or in a Linux container")

// File is the shared clock on disk, which exists on Linux only.
type File struct{}

// Ready says that this machine cannot share a clock.
func Ready() error { return errLinux }

// Share says that this machine cannot share a clock.
func Share(context.Context, string, time.Time) (*File, error) { return nil, errLinux }

// Warp is nil where nothing is shared.
func (*File) Warp() *Warp { return nil }

// Dir is empty where nothing is shared.
func (*File) Dir() string { return "" }

// Shim is empty where nothing is shared.
func (*File) Shim() string { return "" }

// Env is empty where nothing is shared.
func (*File) Env() []string { return nil }

// EnvNames is empty where nothing is shared.
func (*File) EnvNames() []string { return nil }

// Date says that this machine cannot share a clock.
func (*File) Date(context.Context) (time.Time, error) { return time.Time{}, errLinux }

// Close does nothing where nothing is shared.
func (*File) Close() error { return nil }

// Step says that this machine cannot share a clock.
func (*File) Step(time.Duration) error { return errLinux }

// SlowDisk says that this machine cannot share a clock.
func (*File) SlowDisk(time.Duration) error { return errLinux }

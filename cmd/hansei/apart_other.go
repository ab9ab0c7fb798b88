//go:build !linux

package main

// apart is for Linux: elsewhere there are no network namespaces.
func apart() error { return usagef("--apart needs Linux, which has network namespaces") }

// canApart says whether apart would work here.
func canApart() bool { return false }

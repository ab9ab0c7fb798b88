package main

import (
	"fmt"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sys/unix"
)

// apartDone tells the program that it is already where --apart wants it.
const apartDone = "HANSEI_APART"

// apart puts this program into a network namespace of its own, in which only
// loopback is there: several runs then have the same addresses at the same time
// and do not meet. It begins the program again there, since Go cannot move its
// other threads, and returns only where that is done or could not be.
func apart() error {
	if os.Getenv(apartDone) != "" {
		return raiseLoopback()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		return usagef("--apart needs root, to make a network namespace: %w", err)
	}
	env := append(slices.Clone(os.Environ()), apartDone+"=1")
	err := unix.Exec("/proc/self/exe", os.Args, env)
	return fmt.Errorf("beginning again in a network namespace: %w", err)
}

// raiseLoopback sets the interface up that a new namespace has, but down.
func raiseLoopback() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("setting loopback up: %w", err)
	}
	defer unix.Close(fd)
	loopback, err := unix.NewIfreq("lo")
	if err != nil {
		return fmt.Errorf("setting loopback up: %w", err)
	}
	loopback.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, loopback); err != nil {
		return fmt.Errorf("setting loopback up: %w", err)
	}
	return secondAddress(fd)
}

// secondAddress gives loopback an address beside 127.0.0.1: a resolver that asks
// only for the kinds of addresses that its own machine has (getaddrinfo(3),
// AI_ADDRCONFIG) does not count that one, and there is no other interface here.
func secondAddress(fd int) error {
	alias, err := unix.NewIfreq("lo:1")
	if err != nil {
		return fmt.Errorf("giving loopback an address: %w", err)
	}
	if err := alias.SetInet4Addr([]byte{127, 28, 0, 1}); err != nil {
		return fmt.Errorf("giving loopback an address: %w", err)
	}
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFADDR, alias); err != nil {
		return fmt.Errorf("giving loopback an address: %w", err)
	}
	return nil
}

// canApart says whether apart would work here.
func canApart() bool { return os.Geteuid() == 0 }

// Package mutate owns the proof that a package's tests see: it plants small
// errors in the code, one at a time, and runs the tests against each. An error
// that no test notices is a survivor; each survivor must be listed with the
// reason why nobody has to notice it.
//
// All errors that can be are planted at once, each behind a number that the
// environment chooses, so that the package is compiled and linked once for all
// of them and the rest is running its tests. What cannot be switched while the
// program runs (the value of a constant) gets a build of its own. Both go
// through `go test -c -overlay`: no file of the tree is touched or copied.
//
// Gremlins (go-gremlins/gremlins) was tried first. It finds 936 runnable errors
// in package check, but copies the module and links the tests anew for each,
// which takes about five times as long, cannot run a sample or a shard, does
// not delete statements or change constants, and keeps no list of survivors.
//
// It must not change the tree, nor know anything of the package whose tests are
// tried: that is named where it is called.
package mutate

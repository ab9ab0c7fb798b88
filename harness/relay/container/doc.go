// Package container owns the driver for a relay in a container: any image that
// a short description tells of (describe.go), with the shipped ones for Debian's
// Postfix and chasquid. It is the one door to testcontainers and to Docker's API.
//
// A relay's container is on the network of this machine, since the world around
// it is on loopback, and asks the world's DNS alone; its queue and its log are
// folders of this machine, so that they can be read while it is dead. A second
// container of the same image, without any network, is the relay's keeper: it
// reads the queue with the relay's own programs and changes nothing.
//
// What a container cannot do (a disk that fills up, a monitor beside it) is a
// missing capability. Containers and images carry labels (owner.go), by which
// Sweep removes what a killed run has left behind.
//
// The package must not know of scenarios or evidence, must touch no container
// but those with its labels, and must write no configuration of its own for a
// relay that has a driver on the host.
package container

// Package timeline owns what is *planned*: a scenario and a seed become the
// steps of a run, the same bytes every time.
//
// All randomness of a run is drawn here, or from seeds that are drawn here. The
// package opens no sockets and reads no clock; it must not know how a step is
// carried out.
package timeline

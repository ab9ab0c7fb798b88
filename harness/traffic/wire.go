package traffic

import (
	"bytes"
	"net"
	"sync/atomic"
)

// NextInData calls f once, with the next message of which the relay has got
// everything, the last dot too, before its reply is read: in between, nobody can
// know who has the message. f nil calls off what still waits; it returns whether
// something did.
func (s *Sender) NextInData(f func(msg string)) (waited bool) {
	if f == nil {
		return s.inData.Swap(nil) != nil
	}
	return s.inData.Swap(&f) != nil
}

// wire is a sender's connection, which sees when the end of data has gone out.
type wire struct {
	net.Conn
	sender *Sender
	msg    string
	// ending: nothing but the rest of the data goes out now.
	ending atomic.Bool
}

// lastDot is how data ends (RFC 5321, section 4.1.1.4), and enough of it where
// the line before went out in an earlier write.
var lastDot = []byte(".\r\n")

// Write writes, and says so where that was the end of data.
func (w *wire) Write(b []byte) (int, error) {
	n, err := w.Conn.Write(b)
	if err == nil && bytes.HasSuffix(b, lastDot) && w.ending.CompareAndSwap(true, false) {
		if f := w.sender.inData.Swap(nil); f != nil {
			(*f)(w.msg)
		}
	}
	return n, err
}

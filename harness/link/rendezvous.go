package link

import (
	"errors"
	"net"
	"time"
)

// acceptPause keeps a rendezvous that cannot accept from spinning.
const acceptPause = 10 * time.Millisecond

// receive takes the proxy's upstream connections until the link is closed.
func (l *Link) receive() {
	for {
		conn, err := l.meet.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of descriptors, say: those who wait will say so
			<-time.NewTimer(acceptPause).C
			continue
		}
		tcp, ok := conn.(*net.TCPConn)
		if !ok || !l.start(func() { l.introduce(tcp) }) {
			_ = conn.Close()
		}
	}
}

// introduce hands a connection to the pair that its tag names, and answers
// with the same tag, for the toxic of the way back. Whoever brings no tag, or
// one that nobody waits for, is shown out.
func (l *Link) introduce(conn *net.TCPConn) {
	id, err := receiveTag(conn)
	if err != nil {
		_ = conn.Close()
		return
	}
	p := l.find(id)
	if p == nil || sendTag(conn, id) != nil {
		_ = conn.Close()
		return
	}
	select {
	case p.arrived <- conn:
	default:
		_ = conn.Close()
		return
	}
	if p.over() { // it may have ended before it looked
		p.dismiss()
	}
}

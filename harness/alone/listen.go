package alone

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"syscall"
)

// addressOf reads HOST:PORT, which must be on loopback.
func addressOf(text string) (netip.AddrPort, error) {
	if text == "" {
		text = "127.0.0.1:0"
	}
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is no address; write 127.0.0.1:PORT", text)
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	addr, err := netip.ParseAddr(host)
	n, bad := strconv.ParseUint(port, 10, 16)
	if err != nil || bad != nil {
		return netip.AddrPort{}, fmt.Errorf("%q is no address; write 127.0.0.1:PORT", text)
	}
	if !addr.IsLoopback() {
		return netip.AddrPort{}, fmt.Errorf("%s is not on loopback: %w", text, ErrNotLoopback)
	}
	return netip.AddrPortFrom(addr, uint16(n)), nil
}

// nth is the address of the n-th front end.
func nth(first netip.AddrPort, n int) (string, error) {
	port := int(first.Port())
	if port != 0 {
		port += n
	}
	if port > 65535 {
		return "", fmt.Errorf("there are no %d ports from %d on", n+1, first.Port())
	}
	return netip.AddrPortFrom(first.Addr(), uint16(port)).String(), nil
}

// listen opens a TCP listener, and says what is in the way in a sentence.
func listen(address string) (net.Listener, error) {
	l, err := net.Listen("tcp", address)
	return l, inTheWay(address, err)
}

func inTheWay(address string, err error) error {
	switch {
	case err == nil:
		return nil
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is in use already; choose another port, or 0 for a free one", address)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s is for root; choose a port above 1023", address)
	}
	return fmt.Errorf("listening on %s: %w", address, err)
}

// both opens the same port for UDP and TCP. Where the port is free to choose,
// one that is free for TCP may be taken for UDP: a few tries settle that.
func both(address string) (net.PacketConn, net.Listener, error) {
	const tries = 20
	var last error
	for range tries {
		l, err := listen(address)
		if err != nil {
			return nil, nil, err
		}
		pc, err := net.ListenPacket("udp", l.Addr().String())
		if err == nil {
			return pc, l, nil
		}
		last = errors.Join(inTheWay(address, err), l.Close())
		if _, port, _ := net.SplitHostPort(address); port != "0" {
			break
		}
	}
	return nil, nil, last
}

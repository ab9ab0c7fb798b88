package dnsfake_test

import (
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"time"

	"github.com/miekg/dns"

	"github.com/hansei-mail/hansei/fakes/dnsfake"
)

// FuzzServer: whatever comes over UDP and TCP, each answer is a DNS message that
// belongs to its question, and the server answers the next client.
func FuzzServer(f *testing.F) {
	q := new(dns.Msg)
	q.SetQuestion("kaede.example.", dns.TypeMX)
	good, err := q.Pack()
	if err != nil {
		f.Fatal(err)
	}
	q.SetEdns0(4096, true)
	edns, err := q.Pack()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(good)
	f.Add(edns)
	f.Add([]byte{})
	f.Add([]byte("GET / HTTP/1.1\r\n\r\n"))
	f.Add(append(append([]byte{}, good[:12]...), 0xc0, 12, 0, 1, 0, 1)) // a name that is itself
	pc, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		f.Fatal(err)
	}
	srv := &dnsfake.Server{Zone: world()}
	done := make(chan error, 1)
	go func() { done <- srv.Serve(pc, l) }()
	f.Cleanup(func() {
		if err := errors.Join(srv.Close(), <-done); err != nil {
			f.Error(err)
		}
	})
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) > 4096 {
			return
		}
		throwUDP(t, pc.LocalAddr().String(), text, good)
		throwTCP(t, l.Addr().String(), text)
	})
}

// throwUDP sends a datagram and a good question after it: an answer to the
// second shows that the first has done no harm.
func throwUDP(t *testing.T, address string, text, good []byte) {
	conn, err := net.Dial("udp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	if len(text) > 0 {
		if _, err := conn.Write(text); err != nil {
			t.Fatal(err)
		}
	}
	mark := append([]byte{}, good...)
	binary.BigEndian.PutUint16(mark, 0x4242)
	if len(text) > 1 && text[0] == 0x42 && text[1] == 0x42 {
		binary.BigEndian.PutUint16(mark, 0x4243)
	}
	if _, err := conn.Write(mark); err != nil {
		t.Fatal(err)
	}
	buffer := make([]byte, 65536)
	for {
		n, err := conn.Read(buffer)
		if err != nil {
			t.Fatalf("no answer to a good question after %q: %v", text, err)
		}
		reply := new(dns.Msg)
		// A header is all that is sent to what cannot be read.
		if err := reply.Unpack(buffer[:n]); err != nil && n != 12 || n < 12 || !reply.Response && n != 12 {
			t.Fatalf("%q was answered %x: %v", text, buffer[:n], err)
		}
		if binary.BigEndian.Uint16(buffer) == binary.BigEndian.Uint16(mark) {
			return
		}
	}
}

// throwTCP sends bytes as they are, and reads until the server has ended the
// connection or given its answers.
func throwTCP(t *testing.T, address string, text []byte) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	framed := append(binary.BigEndian.AppendUint16(nil, uint16(len(text))), text...)
	if _, err := conn.Write(framed); err != nil {
		t.Fatal(err)
	}
	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.CloseWrite()
	}
	var late net.Error
	if _, err := io.Copy(io.Discard, conn); errors.As(err, &late) && late.Timeout() {
		t.Fatalf("the server keeps a connection whose client has gone: %q", text)
	}
}

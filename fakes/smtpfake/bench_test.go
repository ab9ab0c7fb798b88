package smtpfake_test

import (
	"bufio"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// BenchmarkServer sends messages of 5 KiB over loopback with a minimal client
// that pipelines the envelope, as relays do.
func BenchmarkServer(b *testing.B) {
	line := strings.Repeat("x", 70) + "\r\n"
	content := strings.Repeat(line, 5120/len(line)) + ".\r\n"
	const envelope = "MAIL FROM:<a@c.test>\r\nRCPT TO:<b@mx.test>\r\nDATA\r\n"
	for name, each := range map[string]bool{"kept": false, "new": true} {
		b.Run(name, func(b *testing.B) {
			address := serve(b, &smtpfake.Server{})
			b.SetParallelism(10) // clients, for each processor
			b.SetBytes(int64(len(content)))
			b.RunParallel(func(pb *testing.PB) {
				var conn net.Conn
				in := bufio.NewReader(nil)
				say := func(text string, replies int) {
					if _, err := io.WriteString(conn, text); err != nil {
						b.Error(err)
					}
					for range replies {
						if _, err := in.ReadSlice('\n'); err != nil {
							b.Error(err)
						}
					}
				}
				for pb.Next() {
					if conn == nil {
						var err error
						if conn, err = net.Dial("tcp", address); err != nil {
							b.Error(err)
							return
						}
						in.Reset(conn)
						say("HELO c.test\r\n", 2)
					}
					say(envelope, 3)
					say(content, 1)
					if each {
						say("QUIT\r\n", 1)
						_ = conn.Close()
						conn = nil
					}
				}
				if conn != nil {
					_ = conn.Close()
				}
			})
		})
	}
}

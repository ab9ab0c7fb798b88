package smtpfake_test

import (
	"bytes"
	"fmt"
	"net"
	"net/smtp"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// A mail server that takes each message and keeps its 250 to itself the first
// time: the sender cannot know, and must try again.
func Example() {
	arrived := make(chan string, 2)
	srv := &smtpfake.Server{
		Open: func(m *smtpfake.Message) (smtpfake.Sink, error) {
			return &printer{message: m, arrived: arrived}, nil
		},
		Faults: func(at smtpfake.Point) *smtpfake.Act {
			if at.Stage == smtpfake.StageAccepted && at.Session.Ordinal == 1 {
				return &smtpfake.Act{Do: smtpfake.Reset}
			}
			return nil
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()

	for range 2 {
		err := smtp.SendMail(l.Addr().String(), nil, "a@momiji.example",
			[]string{"b@kaede.example"}, []byte("hello\r\n"))
		fmt.Println(<-arrived, "the sender knows:", err == nil)
	}
	// Output:
	// 1: "hello\r\n" for [b@kaede.example], the sender knows: false
	// 2: "hello\r\n" for [b@kaede.example], the sender knows: true
}

type printer struct {
	bytes.Buffer
	message *smtpfake.Message
	arrived chan<- string
}

func (p *printer) Done() string {
	p.arrived <- fmt.Sprintf("%d: %q for %v,", p.message.Ordinal, p.String(), p.message.To)
	return ""
}

func (p *printer) Abort() {}

package office365_test

import (
	"errors"
	"fmt"
	"net"
	"net/smtp"
	"net/textproto"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// A tenant's MX that is short of directory look-ups: the client is told to come
// back, in the words of 2019.
func Example() {
	srv := &smtpfake.Server{
		Persona: office365.MX{
			Era: office365.Era2019, Forest: "jpnprd01",
			Started: time.Date(2019, 11, 19, 0, 0, 0, 0, time.UTC),
		},
		Faults: func(at smtpfake.Point) *smtpfake.Act {
			if at.Stage != smtpfake.StageRcpt {
				return nil
			}
			return &smtpfake.Act{Do: smtpfake.Reply, Reply: office365.AttributionOverloaded}
		},
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()

	err = smtp.SendMail(l.Addr().String(), nil, "a@momiji.example",
		[]string{"b@kaede.example"}, []byte("Subject: hello\r\n\r\nhello\r\n"))
	var refusal *textproto.Error
	if errors.As(err, &refusal) {
		text, _, _ := strings.Cut(refusal.Msg, " [")
		fmt.Println(refusal.Code, text)
	}
	// Output: 451 4.3.2 Temporary server error. Please try again later ATTR2
}

package internet_test

import (
	"fmt"
	"strings"

	"github.com/hansei-mail/hansei/fakes/internet"
)

// What a bounce says, and which message it is about.
func ExampleParseDSN() {
	dsn, is, err := internet.ParseDSN(strings.NewReader(postfixDSN))
	if !is || err != nil {
		fmt.Println(is, err)
		return
	}
	for _, rcpt := range dsn.Recipients {
		fmt.Println(dsn.Original.Get("X-Load-Id"), rcpt.Action, rcpt.Final, rcpt.Status)
	}
	// Output:
	// m42 failed b@kaede.example 5.4.1
	// m42 delayed c@kaede.example 4.4.1
}

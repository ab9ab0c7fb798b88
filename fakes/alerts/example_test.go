package alerts_test

import (
	"fmt"
	"net"
	"net/http"
	"strings"

	"github.com/hansei-mail/hansei/fakes/alerts"
)

// An alarm as Alertmanager sends it.
func Example() {
	raised := make(chan alerts.Alarm, 1)
	hook := &alerts.Webhook{Raised: func(a alerts.Alarm) { raised <- a }}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = hook.Serve(l) }()
	defer hook.Close()

	answer, err := http.Post("http://"+l.Addr().String(), "application/json", strings.NewReader(
		`{"version":"4","status":"firing","alerts":[{"status":"firing","labels":{"alertname":"QueueGrows"}}]}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	alarm := <-raised
	fmt.Println(answer.StatusCode, alarm.Form, alarm.Status, alarm.Name)
	// Output: 200 alertmanager firing QueueGrows
}

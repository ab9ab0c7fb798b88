package health_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"time"

	"github.com/hansei-mail/hansei/fakes/health"
)

// An incident that began two hours ago and is told of since ten minutes.
func Example() {
	srv := &health.Server{Incidents: []health.Incident{{
		ID: "EX1331830", Title: "Email may be delayed",
		Start: time.Now().Add(-2 * time.Hour), Lag: 110 * time.Minute,
	}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()

	r, err := http.NewRequest(http.MethodGet,
		"http://"+l.Addr().String()+"/v1.0/admin/serviceAnnouncement/issues", nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	r.Header.Set("Authorization", "Bearer anything")
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	var issues struct {
		Value []struct{ ID, Status, Service string }
	}
	if err := json.NewDecoder(answer.Body).Decode(&issues); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(issues.Value)
	// Output: [{EX1331830 serviceDegradation Exchange Online}]
}

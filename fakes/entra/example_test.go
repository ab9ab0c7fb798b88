package entra_test

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/url"

	"github.com/hansei-mail/hansei/fakes/entra"
)

// A client gets a token, and a front end whose copy of the keys is stale refuses
// it.
func Example() {
	srv := &entra.Server{Clients: entra.Clients{"kaede.example": {"relay": "secret"}}}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		fmt.Println(err)
		return
	}
	go func() { _ = srv.Serve(l) }()
	defer srv.Close()

	answer, err := http.PostForm("http://"+l.Addr().String()+"/kaede.example/oauth2/v2.0/token",
		url.Values{
			"grant_type": {"client_credentials"}, "client_id": {"relay"}, "client_secret": {"secret"},
			"scope": {"https://outlook.office365.com/.default"},
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer answer.Body.Close()
	var token struct {
		AccessToken string `json:"access_token"`
	}
	if err := json.NewDecoder(answer.Body).Decode(&token); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(srv.Verify(token.AccessToken))
	srv.Withdraw(1)
	_, _, err = srv.VerifyAt("127.25.9.1:587", token.AccessToken)
	fmt.Println(err)
	// Output:
	// kaede.example relay <nil>
	// the token's signing key is not published
}

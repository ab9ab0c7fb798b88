package certs_test

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/certs"
)

// Example speaks TLS between a server with a leaf and a client that trusts the
// authority.
func Example() {
	authority, err := certs.New(time.Now())
	if err != nil {
		fmt.Println(err)
		return
	}
	config, err := authority.Server("mx.kaede.example")
	if err != nil {
		fmt.Println(err)
		return
	}
	a, b := net.Pipe()
	go func() { _ = tls.Server(a, config).Handshake() }()
	client := tls.Client(b, authority.Client("mx.kaede.example"))
	fmt.Println(client.Handshake(), client.ConnectionState().PeerCertificates[0].Subject.CommonName)
	// Output: <nil> mx.kaede.example
}

// TestValidity: in 2019 and long after, for each name, and for no other.
func TestValidity(t *testing.T) {
	authority, err := certs.New(time.Date(2019, 11, 19, 0, 0, 0, 0, time.UTC))
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := authority.Leaf("mx.test", "*.front.test", "127.25.1.1")
	if err != nil {
		t.Fatal(err)
	}
	block, rest := pem.Decode(authority.PEM())
	if block == nil || len(rest) != 0 {
		t.Fatal("the PEM is not one block")
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority.PEM()) {
		t.Fatal("the PEM is no certificate")
	}
	for _, year := range []int{2000, 2019, 2026, 2099} {
		for name, valid := range map[string]bool{
			"mx.test": true, "a.front.test": true, "127.25.1.1": true, "127.25.1.2": false, "x.test": false,
		} {
			_, err := leaf.Leaf.Verify(x509.VerifyOptions{
				Roots: pool, DNSName: name, CurrentTime: time.Date(year, 6, 1, 0, 0, 0, 0, time.UTC),
			})
			if (err == nil) != valid {
				t.Errorf("%s in %d: %v", name, year, err)
			}
		}
	}
	if key, ok := leaf.PrivateKey.(*ecdsa.PrivateKey); !ok || key.Curve != elliptic.P256() {
		t.Errorf("the key is %T", leaf.PrivateKey)
	}
}

func TestRefusals(t *testing.T) {
	for _, year := range []int{1999, 2100} {
		if _, err := certs.New(time.Date(year, 1, 1, 0, 0, 0, 0, time.UTC)); err == nil {
			t.Errorf("an authority was made in %d", year)
		}
	}
	authority, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := authority.Leaf(); err == nil {
		t.Error("a certificate without a name was made")
	}
	other, err := certs.New(time.Now())
	if err != nil {
		t.Fatal(err)
	}
	leaf, err := other.Leaf("mx.test")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := leaf.Leaf.Verify(x509.VerifyOptions{Roots: authority.Pool()}); err == nil {
		t.Error("one authority vouches for another's certificate")
	}
}

package entra_test

import (
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/hansei-mail/hansei/fakes/entra"
)

// TestVerify: a token is good until its last second, and only as it was given.
func TestVerify(t *testing.T) {
	s := strict()
	clock := s.Clock.(*dial)
	s.Lifetime = 10 * time.Minute
	given := token(t, s)
	other := strict()
	other.Seed++
	for _, c := range []struct {
		name   string
		server *entra.Server
		after  time.Duration
		token  string
		want   error
	}{
		{"fresh", s, 0, given, nil},
		{"last second", s, 10*time.Minute - time.Second, given, nil},
		{"expired", s, 10 * time.Minute, given, entra.ErrExpired},
		{"another endpoint's", other, 0, given, entra.ErrUnknown},
		{"none", s, 0, "", entra.ErrUnknown},
		{"cut", s, 0, given[:len(given)-1], entra.ErrUnknown},
		{"spare bits", s, 0, given[:len(given)-1] + string(given[len(given)-1]+1), entra.ErrUnknown},
		{"broken line", s, 0, given[:len(given)-4] + "\n" + given[len(given)-4:], entra.ErrUnknown},
		{"unsigned", s, 0, given[:strings.LastIndexByte(given, '.')+1], entra.ErrUnknown},
	} {
		clock.now = night.Add(c.after)
		tenant, client, err := c.server.Verify(c.token)
		if !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", c.name, err, c.want)
		}
		known := !errors.Is(c.want, entra.ErrUnknown)
		if known && (tenant != "kaede.example" || client != "relay") || !known && tenant+client != "" {
			t.Errorf("%s: of %q, %q", c.name, tenant, client)
		}
	}
}

// TestRefuseTokens: such a token looks good and is not, even after the key that
// was withdrawn from all is back.
func TestRefuseTokens(t *testing.T) {
	s := strict()
	s.Faults = func(r entra.Request) *entra.Act {
		if r.Ordinal == 1 {
			return &entra.Act{Do: entra.RefuseTokens}
		}
		return nil
	}
	bad, good := token(t, s), token(t, s)
	if _, client, err := s.Verify(bad); !errors.Is(err, entra.ErrWithdrawn) || client != "relay" {
		t.Error(client, err)
	}
	if _, _, err := s.VerifyAt("any", good); err != nil {
		t.Error(err)
	}
}

// TestWithdraw: the share is met; who is hit stays hit while it grows; all are
// healed in the end; another seed hits others.
func TestWithdraw(t *testing.T) {
	s, other := strict(), strict()
	other.Seed++
	given, elsewhere := token(t, s), token(t, other)
	const places = 2000
	hit := func(s *entra.Server, token string, share float64) map[string]bool {
		s.Withdraw(share)
		all := map[string]bool{}
		for i := range places {
			place := fmt.Sprintf("127.25.9.%d", i)
			if _, _, err := s.VerifyAt(place, token); errors.Is(err, entra.ErrWithdrawn) {
				all[place] = true
			} else if err != nil {
				t.Fatal(err)
			}
		}
		return all
	}
	before := map[string]bool{}
	for _, share := range []float64{0.05, 0.3, 0.9, 1} {
		now := hit(s, given, share)
		if is := float64(len(now)) / places; math.Abs(is-share) > 0.03 {
			t.Errorf("share %v: %v were hit", share, is)
		}
		for place := range before {
			if !now[place] {
				t.Fatalf("%s was healed by a larger share", place)
			}
		}
		before = now
	}
	if n := len(hit(s, given, 0)); n != 0 {
		t.Errorf("%d are still hit", n)
	}
	both := 0
	there := hit(other, elsewhere, 0.5)
	for place := range hit(s, given, 0.5) {
		if there[place] {
			both++
		}
	}
	if both > places*3/8 { // a quarter, where the draws are independent
		t.Errorf("%d places are hit under both seeds", both)
	}
}

// TestWithdrawByToken: without a front end the token decides, for good.
func TestWithdrawByToken(t *testing.T) {
	s := strict()
	s.Withdraw(0.5)
	refused := 0
	for range 200 {
		given := token(t, s)
		_, _, first := s.Verify(given)
		if _, _, again := s.Verify(given); !errors.Is(again, first) {
			t.Fatal("a token was refused once and taken once")
		}
		if first != nil {
			refused++
		}
	}
	if refused < 60 || refused > 140 {
		t.Errorf("%d of 200 were refused", refused)
	}
}

// FuzzVerify: nothing but what was given is good, and nothing makes it panic.
func FuzzVerify(f *testing.F) {
	f.Add("", 0)
	f.Add("..", 3)
	f.Add("eyJ0eXAiOiJKV1QifQ.e30.AAAA", 40)
	f.Fuzz(func(t *testing.T, junk string, at int) {
		s := strict()
		given := token(t, s)
		at = max(0, min(at, len(given)))
		for _, tried := range []string{junk, given[:at] + junk + given[at:], given[:at] + junk} {
			_, client, err := s.Verify(tried)
			if tried == given {
				if err != nil || client != "relay" {
					t.Errorf("%q, %v", client, err)
				}
			} else if !errors.Is(err, entra.ErrUnknown) {
				t.Errorf("%q was taken: %v", tried, err)
			}
		}
	})
}

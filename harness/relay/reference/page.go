package reference

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"
)

// readEvery is how often the watch reads the provider's health page.
const readEvery = 5 * time.Minute

// maxAnswer bounds what is read of an answer.
const maxAnswer = 1 << 20

// page is the watch's look at what the provider says of itself. It is good to
// know and nothing depends on it: it needs the same sign-in as everything else
// there, and is late.
type page struct {
	watch *watch

	// turn lets one at a time ask for a token; mu guards what is known.
	turn   sync.Mutex
	mu     sync.Mutex
	token  string
	renew  time.Time // half-way through the token's life
	until  time.Time // it is good until then
	broken bool      // the last look failed
	open   []string  // issues that are not resolved
}

// read looks at the page once, and signs in at client submission where there is
// one.
func (p *page) read(ctx context.Context) (goOn bool) {
	open, err := p.issues(ctx)
	p.mu.Lock()
	before, failed := p.open, p.broken
	p.broken = err != nil
	if err == nil {
		p.open = open
	}
	p.mu.Unlock()
	switch {
	case err != nil && !failed && ctx.Err() == nil:
		p.watch.note("page", "note", err.Error())
	case err == nil && !slices.Equal(open, before):
		p.watch.note("page", "issues", strings.Join(open, ","))
	}
	if p.watch.world.Services.Submission != "" {
		if err := p.signIn(ctx); err != nil && ctx.Err() == nil {
			p.watch.note("submission", "note", err.Error())
		}
	}
	return true
}

// tellsTrouble says whether the page shows an open issue.
func (p *page) tellsTrouble() (bool, string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return len(p.open) > 0, "the provider's health page says so: " + strings.Join(p.open, ", ")
}

// failed says whether the last look failed.
func (p *page) failed() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.broken
}

// issues are those that the page shows as open.
func (p *page) issues(ctx context.Context) ([]string, error) {
	token := p.bearer(ctx)
	if token == "" {
		return nil, fmt.Errorf("no token to read the health page with")
	}
	ctx, cancel := context.WithDeadline(ctx, p.watch.world.Clock.Deadline(askLimit))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet,
		p.watch.world.Services.HealthURL+"/issues", nil)
	if err != nil {
		return nil, fmt.Errorf("asking the health page: %w", err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	var all struct {
		Value []struct {
			ID       string `json:"id"`
			Resolved bool   `json:"isResolved"`
		} `json:"value"`
	}
	if err := p.ask(r, &all); err != nil {
		return nil, fmt.Errorf("reading the health page: %w", err)
	}
	var open []string
	for _, issue := range all.Value {
		if !issue.Resolved {
			open = append(open, issue.ID)
		}
	}
	return open, nil
}

// bearer is a good token, a new one from the middle of the old one's life on;
// where none is given, the old one serves to its end. Empty: there is none.
func (p *page) bearer(ctx context.Context) string {
	p.turn.Lock()
	defer p.turn.Unlock()
	now := p.watch.world.Clock.Now()
	if p.token == "" || !now.Before(p.renew) {
		if err := p.sign(ctx, now); err != nil && ctx.Err() == nil {
			p.watch.note("token", "note", err.Error())
		}
	}
	if !now.Before(p.until) {
		p.token = ""
	}
	return p.token
}

// signsIn asks for a new token, needed or not: a flaw.
func (p *page) signsIn(ctx context.Context) bool {
	p.turn.Lock()
	defer p.turn.Unlock()
	return p.sign(ctx, p.watch.world.Clock.Now()) == nil
}

// sign asks for a token with the client's credentials (RFC 6749 section 4.4).
func (p *page) sign(ctx context.Context, now time.Time) error {
	s := p.watch.world.Services
	ctx, cancel := context.WithDeadline(ctx, p.watch.world.Clock.Deadline(askLimit))
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, s.TokenURL,
		strings.NewReader(url.Values{
			"grant_type": {"client_credentials"}, "client_id": {s.ClientID},
			"client_secret": {s.ClientSecret}, "scope": {s.Scope},
		}.Encode()))
	if err != nil {
		return fmt.Errorf("asking for a token: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	var given struct {
		Token   string `json:"access_token"`
		Expires int64  `json:"expires_in"`
	}
	if err := p.ask(r, &given); err != nil {
		return fmt.Errorf("asking for a token: %w", err)
	}
	life := time.Duration(given.Expires) * time.Second
	p.token, p.renew, p.until = given.Token, now.Add(life/2), now.Add(life)
	return nil
}

// ask makes a request and reads the answer, which must be JSON.
func (p *page) ask(r *http.Request, into any) error {
	answer, err := p.watch.client.Do(r)
	if err != nil {
		return err
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(io.LimitReader(answer.Body, maxAnswer))
	switch {
	case err != nil:
		return fmt.Errorf("reading the answer: %w", err)
	case answer.StatusCode != http.StatusOK:
		return fmt.Errorf("the answer is %s", answer.Status)
	}
	if err := json.Unmarshal(body, into); err != nil {
		return fmt.Errorf("reading the answer: %w", err)
	}
	return nil
}

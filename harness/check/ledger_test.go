package check

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/harness/evidence"
	"github.com/hansei-mail/hansei/scenarios"
)

// naive gives the fate of one pair by looking through the whole history anew:
// slow, and too simple to be wrong.
func naive(events []evidence.Event, msg, rcpt string) string {
	accepted, delivered, bounced, queued, read := false, false, false, false, false
	for _, e := range events {
		names := func(list []string) bool {
			return slices.ContainsFunc(list, func(a string) bool {
				local, domain, _ := strings.Cut(a, "@")
				l, d, _ := strings.Cut(rcpt, "@")
				return local == l && strings.EqualFold(domain, d)
			})
		}
		switch {
		case e.Kind == evidence.KindListing:
			read = e.Note == ""
		case e.Msg != msg:
		case e.Kind == evidence.KindSubmission:
			if e.Outcome == evidence.Accepted && names(e.To) && !names(e.Refused) {
				accepted = true
			}
		case e.Kind == evidence.KindDelivery:
			delivered = delivered || e.Endpoint != "spare" && names(e.To)
		case e.Kind == evidence.KindDSN:
			bounced = bounced || e.Action == "failed" && names(e.Final)
		case e.Kind == evidence.KindQueued:
			queued = queued || names(e.To)
		}
	}
	switch {
	case !accepted:
		return "not accepted"
	case delivered:
		return "delivered"
	case bounced:
		return "bounced"
	case queued:
		return "queued"
	case read:
		return "lost"
	}
	return "unaccounted"
}

func fates(events []evidence.Event) map[string]string {
	l := newLedger(given())
	l.readAll(feed(events, nil))
	by := map[string]string{}
	l.each(func(li int32, _ *letter, _ int32, p *pair) {
		key := l.name(li) + " " + l.addresses[p.rcpt].text
		by[key] = "not accepted"
		if p.accepted > 0 {
			by[key] = l.fate(li, p).String()
		}
	})
	return by
}

var people = []string{"anna@kaede.example", "Anna@kaede.example", "berta@sakura.example",
	"karl@linde.example", "order@shop.test"}

// drawHistory draws events of a few messages and people, so that they meet.
func drawHistory(t *rapid.T) []evidence.Event {
	some := rapid.SliceOfNDistinct(rapid.SampledFrom(people), 1, 4, rapid.ID[string])
	kinds := []evidence.Kind{evidence.KindSubmission, evidence.KindSubmission,
		evidence.KindDelivery, evidence.KindDSN, evidence.KindQueued}
	one := rapid.Custom(func(t *rapid.T) evidence.Event {
		e := evidence.Event{
			Kind: rapid.SampledFrom(kinds).Draw(t, "kind"),
			Msg:  rapid.SampledFrom([]string{"m1", "m2", "m3", "m900000", "odd"}).Draw(t, "msg"),
			T:    time.Duration(rapid.IntRange(0, 6*3600).Draw(t, "t")) * time.Second,
		}
		e.At = e.T
		names := some.Draw(t, "names")
		if rapid.Bool().Draw(t, "loud") {
			for i, n := range names {
				local, domain, _ := strings.Cut(n, "@")
				names[i] = local + "@" + strings.ToUpper(domain)
			}
		}
		switch e.Kind {
		case evidence.KindSubmission:
			e.To, e.From = names, "taro@shop.test"
			e.Attempt = rapid.IntRange(1, 3).Draw(t, "attempt")
			e.Outcome = rapid.SampledFrom([]evidence.Outcome{evidence.Accepted, evidence.Accepted,
				evidence.Unknown, evidence.Refused, evidence.Deferred}).Draw(t, "outcome")
			if rapid.Bool().Draw(t, "partly") {
				e.Refused = names[:1]
			}
		case evidence.KindDelivery:
			e.To = names
			e.Endpoint = rapid.SampledFrom([]string{"office365", "spare"}).Draw(t, "endpoint")
		case evidence.KindDSN:
			e.Final = names
			e.Action = rapid.SampledFrom([]string{"failed", "delayed"}).Draw(t, "action")
		case evidence.KindQueued:
			e.To = names
		}
		return e
	})
	return rapid.SliceOfN(one, 1, 40).Draw(t, "events")
}

func TestLedgerAgreesWithANaiveModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHistory(t)
		if rapid.Bool().Draw(t, "listed") {
			events = append(events, evidence.Event{Kind: evidence.KindListing, Began: 1000 * time.Hour,
				Note: rapid.SampledFrom([]string{"", "no right"}).Draw(t, "note")})
		}
		for key, got := range fates(events) {
			msg, rcpt, _ := strings.Cut(key, " ")
			if want := naive(events, msg, rcpt); got != want {
				t.Fatalf("%s is %s, the model says %s", key, got, want)
			}
		}
	})
}

func TestOrderDoesNotChangeFates(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		events := drawHistory(t)
		other := rapid.Permutation(events).Draw(t, "other order")
		end := evidence.Event{Kind: evidence.KindListing, Began: 1000 * time.Hour}
		a, b := fates(append(events, end)), fates(append(slices.Clone(other), end))
		if fmt.Sprint(a) != fmt.Sprint(b) {
			t.Fatalf("%v\n%v", a, b)
		}
	})
}

// Each accepted pair has exactly one fate, and the figures are their sum.
func TestMailIsConserved(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		f := Judge(given(), feed(drawHistory(t), nil)).Figures
		sum := f.Delivered + f.Bounced + f.Queued + f.Lost + f.Unaccounted
		if sum != f.Pairs {
			t.Fatalf("%d pairs, but %d fates: %+v", f.Pairs, sum, f)
		}
		accepted := 0
		for _, b := range f.Bins {
			accepted += b.Accepted
			if b.Backlog < 0 || b.Affected > b.Backlog || b.Affected < 0 {
				t.Fatalf("impossible backlog %+v", b)
			}
		}
		if accepted != f.Pairs {
			t.Fatalf("%d pairs, but %d in the bins", f.Pairs, accepted)
		}
	})
}

// Messages of independent senders may be recorded in any order: the whole
// judgement, witnesses and all, stays the same.
func TestOrderOfIndependentMessagesDoesNotChangeTheJudgement(t *testing.T) {
	write := func(h *history) string {
		var b strings.Builder
		if err := Judge(given(), h.all()).WriteJSON(&b); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	h := healthy()
	for _, msg := range []string{"m91", "m94", "m97", "m100", "m103", "m106"} {
		h.drop(is(evidence.KindDelivery, msg, ""))
	}
	want := write(h)
	if !strings.Contains(want, `"msg": "m91"`) || strings.Contains(want, `"msg": "m106"`) {
		t.Fatal("the witnesses are not the lowest")
	}
	slices.SortStableFunc(h.events[1:len(h.events)-2], func(a, b evidence.Event) int {
		return strings.Compare(b.Msg, a.Msg)
	})
	if got := write(h); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

func TestAForeignOrdinalCostsNoMemory(t *testing.T) {
	l := newLedger(given())
	far, near := l.letterOf("m4294967295"), l.letterOf("m7")
	if n := l.reading.byOrdinal.bytes(); n > 1<<17 {
		t.Fatalf("%d bytes for two messages", n)
	}
	if far == near || l.letterOf("m4294967295") != far || l.letterOf("m7") != near ||
		l.name(far) != "m4294967295" || l.name(near) != "m7" {
		t.Fatal("messages are mixed up")
	}
	if ordinalOf("m07") != 0 || ordinalOf("m-1") != 0 || ordinalOf("7") != 0 {
		t.Fatal("an ordinal that no plan writes")
	}
}

func TestSpareAddresses(t *testing.T) {
	for address, want := range map[string]string{
		"anna=kaede.example@spare.test":     "anna@kaede.example",
		"a=b=kaede.EXAMPLE@SPARE.test":      "a=b@kaede.example",
		"anna@kaede.example":                "",
		"=kaede.example@spare.test":         "",
		"anna=@spare.test":                  "",
		"postmaster@spare.test":             "",
		"anna=kaede.example@spare.test.com": "",
	} {
		if got, ok := fromSpare(canonical(address)); got != want || ok != (want != "") {
			t.Errorf("%s: %q", address, got)
		}
	}
}

func TestQueueTokens(t *testing.T) {
	for reply, want := range map[string]string{
		"250 2.0.0 Ok: queued as 4dK8xj1Lz":                          "4dK8xj1Lz",
		"250 OK id=1r2xYz-000000001Bc-2AbC":                          "1r2xYz-000000001Bc-2AbC",
		"2.0.0 abcdefab Message accepted for delivery":               "abcdefab",
		"2.6.0 <m1@relay.hansei.test> Queued mail for delivery":      "",
		"2.0.0 5BF1ADhY003204 Message accepted for delivery [00001]": "5BF1ADhY003204 00001",
	} {
		if got := strings.Join(slices.Collect(queueTokens(reply)), " "); got != want {
			t.Errorf("%s: %q, want %q", reply, got, want)
		}
	}
}

// One pass must hold millions of messages.
func TestStateIsCompact(t *testing.T) {
	const n = 20000
	l := newLedger(&scenarios.Scenario{})
	for i := 1; i <= n; i++ {
		l.feed(&evidence.Event{Kind: evidence.KindSubmission, Msg: fmt.Sprintf("m%d", i), Attempt: 1,
			From: "a@shop.test", To: []string{fmt.Sprintf("u%d@kaede.example", i%50)},
			Outcome: evidence.Accepted, Reply: fmt.Sprintf("2.0.0 Ok: queued as 4dK8xj%d", i)})
	}
	if len(l.addresses) != 51 || l.letters.n != n || len(l.early) != 0 {
		t.Fatalf("%d addresses, %d letters, %d early", len(l.addresses), l.letters.n, len(l.early))
	}
}

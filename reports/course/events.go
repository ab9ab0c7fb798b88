package course

import (
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

func (l *look) submission(e *evidence.Event) {
	m := l.letter(e.Msg)
	l.letters[m].dirty = l.letters[m].dirty || e.Dirt != ""
	if !l.letters[m].known {
		l.letters[m].known, l.letters[m].due = true, e.Due
	}
	l.reply(replyKey{by: evidence.Relay, stage: e.Stage, code: e.Code}, e.Reply)
	if e.Outcome != evidence.Accepted || e.Dirt != "" {
		return
	}
	if e.Attempt <= 1 && len(e.Refused) == 0 {
		if phase := l.phase(e.Due); phase >= 0 {
			l.accepted[phase].add(e.T - e.Due)
		}
	}
	for _, to := range e.To {
		if slices.Contains(e.Refused, to) {
			continue
		}
		p := l.pair(m, to)
		if p.taken < 0 || e.T < p.taken {
			p.taken = e.T
		}
	}
}

func (l *look) delivery(e *evidence.Event) {
	l.front(e).Taken++
	l.reply(replyKey{by: e.Endpoint, stage: e.Stage, fault: e.Fault, code: code(e)}, e.Reply)
	m := l.letter(e.Msg)
	for _, to := range e.To {
		if e.Endpoint != endpointSpare {
			first(&l.pair(m, to).out, e.T)
		} else if owner, ok := spareOwner(to); ok {
			first(&l.pair(m, owner).copied, e.T)
		}
	}
}

func (l *look) attempt(e *evidence.Event) {
	if e.Outcome == evidence.Accepted {
		return
	}
	f := l.front(e)
	f.Failed++
	if e.Fault != "" {
		f.Faults[e.Fault]++
	}
	l.reply(replyKey{by: e.Endpoint, stage: e.Stage, fault: e.Fault, code: code(e)}, e.Reply)
	second := int32(max(0, e.T) / time.Second)
	switch {
	case e.Endpoint == endpointSpare:
	case f.Affected:
		l.dead[second]++
	default:
		l.other[second]++
	}
}

// bounce ends pairs: only "failed" does so (RFC 3464 section 2.3.3).
func (l *look) bounce(e *evidence.Event) {
	if e.Action != "failed" || e.Msg == "" {
		return
	}
	m := l.letter(e.Msg)
	for _, final := range e.Final {
		if kind, address, ok := strings.Cut(final, ";"); ok && !strings.Contains(kind, "@") {
			final = address // its type stands in front (RFC 3464 section 2.3.2)
		}
		first(&l.pair(m, strings.TrimSpace(final)).up, e.T)
	}
	if len(e.Final) > 0 {
		return
	}
	for i := l.letters[m].first; i >= 0; i = l.pairs[i].next {
		first(&l.pairs[i].up, e.T)
	}
}

// first keeps the earliest moment.
func first(t *time.Duration, now time.Duration) {
	if *t < 0 || now < *t {
		*t = now
	}
}

// code is the reply code, which a fake may only have put into the reply's text.
func code(e *evidence.Event) int {
	if e.Code != 0 || len(e.Reply) < 3 {
		return e.Code
	}
	n := 0
	for _, c := range []byte(e.Reply[:3]) {
		if c < '0' || c > '9' {
			return 0
		}
		n = 10*n + int(c-'0')
	}
	return n
}

func (l *look) reply(k replyKey, text string) {
	r := l.replies[k]
	if r == nil {
		if len(l.replies) >= maxReplies {
			return
		}
		r = &Reply{By: k.by, Stage: k.stage, Fault: k.fault, Code: k.code, Sample: text}
		l.replies[k] = r
	}
	r.Count++
}

// front is the front end that an event happened at.
func (l *look) front(e *evidence.Event) *FrontEnd {
	key := e.Endpoint + " " + e.Address
	if f := l.fronts[key]; f != nil {
		return f
	}
	if len(l.fronts) >= maxFrontEnds {
		key = e.Endpoint + " others"
		if f := l.fronts[key]; f != nil {
			return f
		}
	}
	f := &FrontEnd{Endpoint: e.Endpoint, Address: strings.TrimPrefix(key, e.Endpoint+" "),
		Faults: map[string]int{}}
	host, _, _ := strings.Cut(e.Address, ":")
	cohorts := l.served[host]
	if i, ok := l.domains[strings.ToLower(e.Site)]; ok && !slices.Contains(cohorts, i) {
		cohorts = append(slices.Clone(cohorts), i)
	}
	for _, i := range cohorts {
		f.Cohorts = append(f.Cohorts, l.cohorts[i].Name)
		f.Affected = f.Affected || l.cohorts[i].affected && e.Endpoint != endpointSpare
	}
	l.fronts[key] = f
	return f
}

func (l *look) letter(msg string) int32 {
	if i, ok := l.msgs[msg]; ok {
		return i
	}
	i := int32(len(l.letters))
	l.msgs[msg] = i
	l.letters = append(l.letters, letter{first: -1})
	return i
}

// pair is a recipient of a message; the pointer is good until the next call.
func (l *look) pair(m int32, to string) *pair {
	to = canonical(to)
	r, ok := l.rcpts[to]
	if !ok {
		r = int32(len(l.rcpts))
		l.rcpts[to] = r
	}
	key := pairKey{m, r}
	i, ok := l.byPair[key]
	if !ok {
		i = int32(len(l.pairs))
		l.byPair[key] = i
		c := int16(-1)
		if n, ok := l.domains[to[strings.LastIndexByte(to, '@')+1:]]; ok {
			c = int16(n)
		}
		l.pairs = append(l.pairs, pair{
			letter: m, next: l.letters[m].first, cohort: c, taken: -1, out: -1, copied: -1, up: -1,
		})
		l.letters[m].first = i
	}
	return &l.pairs[i]
}

// canonical is an address with its domain in lower case (RFC 5321 section 2.4).
func canonical(address string) string {
	address = strings.TrimSuffix(strings.TrimPrefix(address, "<"), ">")
	at := strings.LastIndexByte(address, '@')
	return address[:at+1] + strings.ToLower(address[at+1:])
}

// spareOwner is whose copy goes to a spare address: user=domain@spare.
func spareOwner(address string) (string, bool) {
	local, _, _ := strings.Cut(canonical(address), "@")
	cut := strings.LastIndexByte(local, '=')
	if cut <= 0 {
		return "", false
	}
	return local[:cut] + "@" + local[cut+1:], true
}

// phase is the index of the phase in which a message was due, or -1.
func (l *look) phase(due time.Duration) int {
	for i, p := range l.plan.Figures.Phases {
		if due < p.Until || i == len(l.plan.Figures.Phases)-1 {
			return i
		}
	}
	return -1
}

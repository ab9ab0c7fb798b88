package course

import (
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/evidence"
)

func (w *Watcher) attempt(e *evidence.Event) {
	if e.Outcome == evidence.Accepted {
		return
	}
	f := w.front(e)
	f.Failed++
	if e.Fault != "" {
		f.Faults[e.Fault]++
	}
	w.reply(replyKey{by: e.Endpoint, stage: e.Stage, fault: e.Fault, code: code(e)}, e.Reply)
	second := int32(max(0, e.T) / time.Second)
	switch {
	case e.Endpoint == endpointSpare:
	case f.Affected:
		w.dead[second]++
	default:
		w.other[second]++
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

func (w *Watcher) reply(k replyKey, text string) {
	r := w.replies[k]
	if r == nil {
		if len(w.replies) >= maxReplies {
			return
		}
		r = &Reply{By: k.by, Stage: k.stage, Fault: k.fault, Code: k.code, Sample: strings.Clone(text)}
		w.replies[k] = r
	}
	r.Count++
}

// front is the front end that an event happened at.
func (w *Watcher) front(e *evidence.Event) *FrontEnd {
	key := frontKey{e.Endpoint, e.Address}
	if f := w.fronts[key]; f != nil {
		return f
	}
	if len(w.fronts) >= maxFrontEnds {
		key.address = "others"
		if f := w.fronts[key]; f != nil {
			return f
		}
	}
	f := &FrontEnd{Endpoint: e.Endpoint, Address: key.address,
		Faults: map[string]int{}}
	host, _, _ := strings.Cut(e.Address, ":")
	cohorts := w.served[host]
	if i, ok := w.domains[strings.ToLower(e.Site)]; ok && !slices.Contains(cohorts, i) {
		cohorts = append(slices.Clone(cohorts), i)
	}
	for _, i := range cohorts {
		f.Cohorts = append(f.Cohorts, w.cohorts[i].Name)
		f.Affected = f.Affected || w.cohorts[i].affected && e.Endpoint != endpointSpare
	}
	w.fronts[key] = f
	return f
}

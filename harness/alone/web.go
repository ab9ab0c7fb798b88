package alone

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
)

// webFault is a fault of a fake that speaks HTTP. The words are do, delay and
// retry_after, and of the language's share, first and every.
type webFault struct {
	name              string
	do                string
	delay, retryAfter time.Duration
	share             float64
	first, every      int

	met, times int64
	healed     chan struct{}
}

// webActions are what such a fault can do.
var webActions = map[Kind][]string{
	Entra: {
		string(entra.Unavailable), string(entra.GatewayTimeout), string(entra.Throttle),
		string(entra.Overload), string(entra.Stall), string(entra.Reset), string(entra.Slow),
		string(entra.RefuseTokens),
	},
	Health: {
		string(health.Unauthorized), string(health.InternalError), string(health.Unavailable),
		string(health.Stall), string(health.Reset), string(health.Slow),
	},
}

// parseWeb reads and checks the words.
func parseWeb(kind Kind, name string, text json.RawMessage) (*webFault, error) {
	all, err := decode(text)
	if err != nil {
		return nil, err
	}
	f := &webFault{name: name, share: 1, healed: make(chan struct{})}
	for word, value := range all {
		said := fmt.Sprint(value)
		switch word {
		case "do":
			f.do = said
		case "delay":
			f.delay, err = span(word, said)
		case "retry_after":
			f.retryAfter, err = span(word, said)
		case "share":
			f.share, err = strconv.ParseFloat(said, 64)
			if err != nil || !(f.share > 0 && f.share <= 1) {
				err = fmt.Errorf("share is %s, and should be above 0 and at most 1", said)
			}
		case "first":
			f.first, err = count(word, said)
		case "every":
			f.every, err = count(word, said)
		default:
			err = fmt.Errorf("%s has no word %q; use do, delay, retry_after, share, first, every",
				kind, word)
		}
		if err != nil {
			return nil, err
		}
	}
	switch {
	case !slices.Contains(webActions[kind], f.do):
		return nil, fmt.Errorf("%s cannot do %q; use one of %s", kind, f.do,
			strings.Join(webActions[kind], ", "))
	case f.do == "slow" && f.delay == 0:
		return nil, fmt.Errorf(`slow needs a delay; add delay=30s`)
	}
	return f, nil
}

func span(word, said string) (time.Duration, error) {
	d, err := time.ParseDuration(said)
	if err != nil || d < 0 {
		return 0, fmt.Errorf("%s is %q, and should be a time such as 30s", word, said)
	}
	return d, nil
}

func count(word, said string) (int, error) {
	n, err := strconv.Atoi(said)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s is %q, and should be a number from 1 on", word, said)
	}
	return n, nil
}

// webFaults are those that are set.
type webFaults struct {
	seed uint64

	mu  sync.Mutex
	all []*webFault
}

func (w *webFaults) put(f *webFault) {
	w.remove(f.name)
	w.mu.Lock()
	defer w.mu.Unlock()
	w.all = append(w.all, f)
}

func (w *webFaults) remove(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	at := slices.IndexFunc(w.all, func(f *webFault) bool { return f.name == name })
	if at < 0 {
		return false
	}
	close(w.all[at].healed)
	w.all = slices.Delete(w.all, at, at+1)
	return true
}

func (w *webFaults) felt(name string) (times int64, on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, f := range w.all {
		if f.name == name {
			return f.times, true
		}
	}
	return 0, false
}

// at is the fault that a request feels, if any. It is drawn from the seed and
// the request's place in the order of requests.
func (w *webFaults) at(ordinal uint64) *webFault {
	w.mu.Lock()
	defer w.mu.Unlock()
	for i, f := range w.all {
		draw := rand.New(rand.NewPCG(w.seed, ordinal<<16|uint64(i)))
		if f.share < 1 && draw.Float64() >= f.share {
			continue
		}
		f.met++
		if f.first > 0 && f.met > int64(f.first) || f.every > 1 && f.met%int64(f.every) != 0 {
			continue
		}
		f.times++
		return f
	}
	return nil
}

func (w *webFaults) entra(r entra.Request) *entra.Act {
	f := w.at(r.Ordinal)
	if f == nil {
		return nil
	}
	return &entra.Act{Do: entra.Do(f.do), Fault: f.name, Delay: f.delay,
		RetryAfter: f.retryAfter, Until: f.healed}
}

func (w *webFaults) health(r health.Request) *health.Act {
	f := w.at(r.Ordinal)
	if f == nil {
		return nil
	}
	return &health.Act{Do: health.Do(f.do), Fault: f.name, Delay: f.delay,
		RetryAfter: f.retryAfter, Until: f.healed}
}

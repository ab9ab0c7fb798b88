package harness

import (
	"net/http"

	"github.com/hansei-mail/hansei/fakes/entra"
	"github.com/hansei-mail/hansei/fakes/health"
	"github.com/hansei-mail/hansei/scenarios"
)

// asked are the faults that meet requests at a place. To withdraw tokens is no
// answer to a request for one.
func (f *faults) asked(place string) []*liveFault {
	var here []*liveFault
	for _, l := range f.all {
		if l.Where.At == place && l.Stage == scenarios.StageRequest && l.Do != scenarios.Withdraw {
			here = append(here, l)
		}
	}
	return here
}

// meets says whether a request feels the fault; it is drawn by the request's
// place in the order of its service's requests.
func (l *liveFault) meets(ordinal uint64, f *faults) bool {
	now := f.clock.Now().Sub(f.start)
	if !l.On(now) {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	share := l.ShareAt(now)
	if l.Feedback != nil {
		share = l.fedBack(share, now)
	}
	return l.Falls(ordinal*0x9e3779b97f4a7c15, share) && l.counted()
}

// status is that of a fault's reply; the validator saw to it that there is one.
func (l *liveFault) status() scenarios.ServiceReply {
	r, _ := scenarios.ServiceReplyOf(l.Where.At, l.Reply)
	return r
}

// tokenFaults decides what goes wrong at the token endpoint; nil where nothing
// can.
func (s *services) tokenFaults() func(entra.Request) *entra.Act {
	here := s.faults.asked(scenarios.AtToken)
	if len(here) == 0 {
		return nil
	}
	return func(r entra.Request) *entra.Act {
		for _, l := range here {
			if l.meets(r.Ordinal, s.faults) {
				return l.tokenAct()
			}
		}
		return nil
	}
}

func (l *liveFault) tokenAct() *entra.Act {
	act := &entra.Act{Do: entra.Do(l.Do), Fault: l.Name, Delay: l.Delay, Until: l.healed}
	switch l.Do {
	case scenarios.Timeout:
		act.Do, act.Until = entra.Stall, nil
	case scenarios.Reply:
		switch r := l.status(); {
		case r.Status == http.StatusTooManyRequests:
			act.Do = entra.Throttle
		case r.Status == http.StatusGatewayTimeout:
			act.Do = entra.GatewayTimeout
		case r.Says == "AADSTS90033":
			act.Do = entra.Unavailable
		default:
			act.Do = entra.Overload
		}
	}
	return act
}

// healthFaults is tokenFaults for the health page.
func (s *services) healthFaults() func(health.Request) *health.Act {
	here := s.faults.asked(scenarios.AtHealth)
	if len(here) == 0 {
		return nil
	}
	return func(r health.Request) *health.Act {
		for _, l := range here {
			if l.meets(r.Ordinal, s.faults) {
				return l.healthAct()
			}
		}
		return nil
	}
}

func (l *liveFault) healthAct() *health.Act {
	act := &health.Act{Do: health.Do(l.Do), Fault: l.Name, Delay: l.Delay, Until: l.healed}
	switch l.Do {
	case scenarios.Timeout:
		act.Do, act.Until = health.Stall, nil
	case scenarios.Reply:
		switch l.status().Status {
		case http.StatusUnauthorized:
			act.Do = health.Unauthorized
		case http.StatusInternalServerError:
			act.Do = health.InternalError
		default:
			act.Do = health.Unavailable
		}
	}
	return act
}

package smtpfake

import (
	"regexp"
	"strings"
	"time"
)

// triggerForm is the local part of a recipient that asks for a fault.
var triggerForm = regexp.MustCompile(
	`^([a-z]+)-([0-9]{3}|[a-z]+)(?:-([0-9]\.[0-9]{1,3}\.[0-9]{1,3}|[0-9]+(?:ms|s|m|h)|[0-9]+))?$`)

// trigger reads a recipient such as rcpt-451-4.7.500@mx.test.
func trigger(rcpt string) (stage Stage, a *Act) {
	local, _, _ := strings.Cut(rcpt, "@")
	m := triggerForm.FindStringSubmatch(strings.ToLower(local))
	if m == nil {
		return "", nil
	}
	a = &Act{Fault: "trigger " + m[0]}
	switch what := m[2]; {
	case what[0] >= '2' && what[0] <= '5':
		a.Do, a.Reply = Reply, strings.TrimSpace(what+" "+m[3])+" As the recipient asked"
	default:
		a.Do = Do(what)
	}
	if d, err := time.ParseDuration(m[3]); err == nil {
		a.Delay = d
	}
	switch a.Do {
	case Reset, Close, Reply, Stall, Garble, Ahead, Swap, Cut:
	case Split:
		a.Bytes = 2 // in the middle of the code
		if a.Delay == 0 {
			a.Delay = 5 * time.Second
		}
	case Slow:
		if a.Delay == 0 {
			a.Delay = 30 * time.Second
		}
	default:
		return "", nil
	}
	for _, s := range Stages() {
		if string(s) == m[1] {
			return s, a
		}
	}
	return "", nil
}

// beforeRcpt says whether a stage is over when recipients are named.
func beforeRcpt(stage Stage) bool {
	for _, s := range Stages() {
		if s == StageRcpt {
			return false
		}
		if s == stage {
			return true
		}
	}
	return false
}

// heed keeps what a recipient that was taken asks for: for the rest of its
// transaction or, where the stage is over, for its client's next session.
func (c *session) heed(rcpt string) {
	if !c.srv.Triggers {
		return
	}
	stage, a := trigger(rcpt)
	if a == nil || stage == StageRcpt {
		return
	}
	if beforeRcpt(stage) {
		c.srv.arm(Host(c.state.Peer), stage, a)
		return
	}
	c.wanted = append(c.wanted, &wanted{*a, stage})
}

// triggered is the fault that recipients asked for at this point, if any.
func (c *session) triggered(at Point) *Act {
	if at.Stage == StageRcpt {
		if stage, a := trigger(at.Rcpt); stage == StageRcpt {
			return a
		}
		return nil
	}
	for _, w := range c.wanted {
		if w.stage == at.Stage {
			return &w.Act
		}
	}
	if beforeRcpt(at.Stage) {
		return c.srv.disarm(Host(c.state.Peer), at.Stage)
	}
	return nil
}

// wanted is a fault that waits for its stage.
type wanted struct {
	Act
	stage Stage
}

// mostArmed bounds what clients can make a server remember.
const mostArmed = 1000

func (srv *Server) arm(host string, stage Stage, a *Act) {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	if srv.armed == nil {
		srv.armed = map[string]*wanted{}
	}
	if len(srv.armed) < mostArmed {
		srv.armed[host] = &wanted{*a, stage}
	}
}

// disarm gives what a client's earlier mail asked for at this stage, once.
func (srv *Server) disarm(host string, stage Stage) *Act {
	srv.mu.Lock()
	defer srv.mu.Unlock()
	w := srv.armed[host]
	if w == nil || w.stage != stage {
		return nil
	}
	delete(srv.armed, host)
	return &w.Act
}

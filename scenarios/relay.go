package scenarios

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/goccy/go-yaml/ast"
)

// RelayStep is something that happens to the relay itself, from At until Heal.
type RelayStep struct {
	Name string  `yaml:"name"`
	Do   RelayDo `yaml:"do"`
	At   Moment  `yaml:"at"`
	// When lets a kill wait, from At on, for a moment that the clock does not name.
	When RelayWhen `yaml:"when,omitempty"`
	// Heal is when it is over: the relay is started again or goes on, there is
	// space on the disk, the disk is fast, the clock is stepped back.
	Heal Moment `yaml:"heal,omitempty"`
	// Permanent: the clock stays stepped (clock-step alone).
	Permanent bool `yaml:"permanent,omitempty"`
	// Bytes is the space left to the queue (disk-full); none if not given.
	Bytes int64 `yaml:"bytes,omitempty"`
	// Delay is what each write that is to be durable takes longer (slow-disk).
	Delay Span `yaml:"delay,omitempty"`
	// By is how far the relay's wall clock jumps (clock-step).
	By    Shift  `yaml:"by,omitempty"`
	Basis *Basis `yaml:"basis,omitempty"`
}

// RelayDo names what is done to the relay.
type RelayDo string

// What can be done to the relay. Kill ends every process at once, as a power
// cut does. Pause stops every process where it is (SIGSTOP), as a host that
// swaps or a virtual machine that moves. Restart ends the relay in good order
// and starts it again, as an upgrade does. DiskFull takes the space from the
// queue's file system, SlowDisk the speed from its disk. ClockStep lets the
// wall clock jump, but not the monotonic one, as after a mishap of NTP.
const (
	Kill      RelayDo = "kill"
	Pause     RelayDo = "pause"
	Restart   RelayDo = "restart"
	DiskFull  RelayDo = "disk-full"
	SlowDisk  RelayDo = "slow-disk"
	ClockStep RelayDo = "clock-step"
)

// RelayDos are all of them.
var RelayDos = []RelayDo{Kill, Pause, Restart, DiskFull, SlowDisk, ClockStep}

// RelayWhen names a moment of the relay's own life.
type RelayWhen string

// InData is the next time that a sender has handed over a whole message, its last
// dot too, and has no reply yet: between DATA and 250, where a relay may have the
// message or not, and nobody can know (RFC 5321, section 4.2.5).
const InData RelayWhen = "data"

// RelayWhens are all of them.
var RelayWhens = []RelayWhen{InData}

// Does says whether the scenario does that to the relay.
func (s *Scenario) Does(do RelayDo) bool {
	for _, r := range s.Relay {
		if r.Do == do {
			return true
		}
	}
	return false
}

// Shift is a length of time with a direction, written "1h" or "-1h".
type Shift time.Duration

// Duration is the shift as package time has it.
func (s Shift) Duration() time.Duration { return time.Duration(s) }

// String is the shift as a scenario writes it, with its sign.
func (s Shift) String() string {
	if s > 0 {
		return "+" + Span(s).String()
	}
	return Span(s).String()
}

// shift decodes a Shift; a plus in front may be left out.
func (d *decoder) shift(n ast.Node, v reflect.Value, what string) {
	var text string
	d.text(n, reflect.ValueOf(&text).Elem(), what)
	if text == "" {
		return
	}
	length, back := strings.CutPrefix(text, "-")
	if !back {
		length = strings.TrimPrefix(text, "+")
	}
	span, err := ParseSpan(length)
	if err != nil {
		d.complain(n, `write a length of time with its direction, such as "1h" or "-1h"`,
			"%s: %s", what, clip(fmt.Sprintf("%q is no shift of time", text)))
		return
	}
	if back {
		span = -span
	}
	v.SetInt(int64(span))
}

package scenarios

import "time"

// relay checks what happens to the relay itself.
func (v *validator) relay() {
	names := map[string]bool{}
	for i, r := range v.s.Relay {
		path := item("relay", i)
		v.word(join(path, "name"), "a relay step", r.Name)
		v.fresh(join(path, "name"), "relay steps", r.Name, names)
		if v.oneOf(join(path, "do"), "what is done", string(r.Do), relayWords()) {
			v.relayFigures(path, r)
		}
		v.relayTimes(path, r)
		for _, other := range v.s.Relay[:i] {
			if v.relayUntil(other).After(r.At.Time) && v.relayUntil(r).After(other.At.Time) {
				v.say(path, "let one heal before the next", "relay steps %q and %q overlap", other.Name, r.Name)
			}
		}
	}
}

func relayWords() []string {
	var words []string
	for _, do := range RelayDos {
		words = append(words, string(do))
	}
	return words
}

// relayUntil is when a step is over. A clock that stays stepped is in nobody's
// way: the relay lives with it as with a right one.
func (v *validator) relayUntil(r RelayStep) time.Time {
	if r.Permanent {
		return r.At.Time
	}
	return r.Heal.Time
}

func (v *validator) relayTimes(path string, r RelayStep) {
	if v.broken(join(path, "at"), join(path, "heal")) {
		return
	}
	switch {
	case !r.Heal.IsSet() && !r.Permanent:
		v.say(path, `add "heal: ..."`, "relay step %q never heals", r.Name)
	case r.Heal.IsSet() && r.Permanent:
		v.say(join(path, "heal"), "drop one of the two", "relay step %q is permanent and heals", r.Name)
	case r.Permanent && r.Do != ClockStep:
		v.say(join(path, "permanent"), `write "heal: ..." instead`,
			"relay step %q is permanent: only a clock-step can be", r.Name)
	case v.broken("from", "until"):
	case r.At.Time.Before(v.s.From.Time) || !r.At.Time.Before(v.s.Until.Time):
		v.say(join(path, "at"), "let it happen within the scenario",
			"relay step %q happens outside of the scenario", r.Name)
	case r.Permanent:
	case !r.Heal.Time.After(r.At.Time):
		v.say(join(path, "heal"), "let it heal after it happens",
			"relay step %q heals before it happens", r.Name)
	case !r.Heal.Time.Before(v.s.Until.Time):
		v.say(join(path, "heal"), "heal it before until",
			"relay step %q heals after the scenario's end", r.Name)
	}
}

// The bounds of what a step may ask for: a delay or a jump beyond them tells
// nothing more of a relay.
const (
	maxDiskDelay = time.Minute
	maxClockStep = 366 * 24 * time.Hour
)

// relayFigures checks that a step has the figures that belong to it, and no
// others.
func (v *validator) relayFigures(path string, r RelayStep) {
	only := func(name string, set bool, do RelayDo) {
		if set && r.Do != do && !v.broken(join(path, name)) {
			v.say(join(path, name), "drop it, or write \"do: "+string(do)+"\"",
				"%s says nothing about %s", name, r.Do)
		}
	}
	only("bytes", r.Bytes != 0, DiskFull)
	only("delay", r.Delay != 0, SlowDisk)
	only("by", r.By != 0, ClockStep)
	only("when", r.When != "", Kill)
	if r.When != "" && r.Do == Kill {
		v.oneOf(join(path, "when"), "the moment", string(r.When), []string{string(InData)})
	}
	by := r.By.Duration()
	switch {
	case r.Do == DiskFull && r.Bytes < 0:
		v.say(join(path, "bytes"), "write the bytes that are left, 0 or more",
			"the space left is negative")
	case r.Do == SlowDisk && r.Delay <= 0:
		v.say(path, `add "delay: 200ms"`, "relay step %q does not say how slow the disk is", r.Name)
	case r.Do == SlowDisk && r.Delay.Duration() > maxDiskDelay:
		v.say(join(path, "delay"), `write "1m" or less`, "a delay of %s is no disk's", r.Delay)
	case r.Do == ClockStep && by == 0:
		v.say(path, `add "by: 1h" or "by: -1h"`, "relay step %q does not say how far the clock jumps",
			r.Name)
	case r.Do == ClockStep && by.Abs() > maxClockStep:
		v.say(join(path, "by"), "write a year or less", "a jump of %s is too far", r.By)
	}
}

package reference

import (
	"fmt"
	"strings"
	"time"
)

// Settings are what an operator of the relay can set. Fields left zero have
// the defaults of Defaults.
type Settings struct {
	// Retry are the waits after a message's first, second, ... failed attempt;
	// the last one is repeated until Lifetime is over. Jitter is the share by
	// which each wait varies either way.
	Retry  []time.Duration
	Jitter float64
	// SpareRetry is Retry for the spare copies.
	SpareRetry []time.Duration
	// Probe are the waits before a host or destination that is down is tried
	// again, with a single connection.
	Probe []time.Duration
	// Lifetime is the age at which a message is bounced.
	Lifetime time.Duration
	// DelayNotice is the age at which its sender is told of a delay; negative:
	// never.
	DelayNotice time.Duration

	// PerDestination bounds the connections to one mail domain, PerHost those
	// to one address, Total all of them.
	PerDestination, PerHost, Total int
	// PerConnection bounds the messages on one connection.
	PerConnection int
	// Connect bounds the wait for a connection.
	Connect time.Duration

	// MaxSize bounds a message, MaxRecipients its recipients.
	MaxSize       int64
	MaxRecipients int
	// Port is where destinations listen: 25, but for tests.
	Port string
	// Listen is the address handed to World.Network.Listen; empty: the relay's
	// host name and any port.
	Listen string
	// NoSync leaves out fsync. What a power cut would lose is then not safe,
	// but Kill loses nothing all the same; for runs that live in memory.
	NoSync bool
}

// Defaults are the settings of a relay that nobody has tuned.
func Defaults() Settings {
	return Settings{
		Retry: []time.Duration{
			time.Minute, 2 * time.Minute, 4 * time.Minute, 8 * time.Minute, 10 * time.Minute,
		},
		Jitter:     0.1,
		SpareRetry: []time.Duration{5 * time.Second, 15 * time.Second, time.Minute, 5 * time.Minute},
		Probe:      []time.Duration{30 * time.Second, time.Minute, 2 * time.Minute, 5 * time.Minute},
		// RFC 5321 section 4.5.4.1: the give-up time is generally 4-5 days.
		Lifetime:       5 * 24 * time.Hour,
		DelayNotice:    4 * time.Hour,
		PerDestination: 20,
		PerHost:        50,
		Total:          200,
		PerConnection:  100,
		Connect:        30 * time.Second,
		// Exchange Online takes 157286400 bytes (EHLO of its MX); no relay
		// should take what its destinations could not.
		MaxSize:       157286400,
		MaxRecipients: 1000,
		Port:          "25",
	}
}

// filled is s with the defaults in its empty fields, as the flaw would have it.
func (s Settings) filled(f flaw) Settings {
	d := Defaults()
	setSlice(&s.Retry, d.Retry)
	setSlice(&s.SpareRetry, d.SpareRetry)
	setSlice(&s.Probe, d.Probe)
	set(&s.Jitter, d.Jitter)
	set(&s.Lifetime, d.Lifetime)
	set(&s.DelayNotice, d.DelayNotice)
	set(&s.PerDestination, d.PerDestination)
	set(&s.PerHost, d.PerHost)
	set(&s.Total, d.Total)
	set(&s.PerConnection, d.PerConnection)
	set(&s.Connect, d.Connect)
	set(&s.MaxSize, d.MaxSize)
	set(&s.MaxRecipients, d.MaxRecipients)
	set(&s.Port, d.Port)
	f.settings(&s)
	return s
}

func set[T comparable](field *T, fallback T) {
	var zero T
	if *field == zero {
		*field = fallback
	}
}

func setSlice[T any](field *[]T, fallback []T) {
	if len(*field) == 0 {
		*field = fallback
	}
}

// told is the settings as the relay names them, for the manifest.
func (s Settings) told() map[string]string {
	notice := s.DelayNotice.String()
	if s.DelayNotice < 0 {
		notice = "never"
	}
	return map[string]string{
		"retry":           waits(s.Retry),
		"jitter":          fmt.Sprintf("±%g %%", 100*s.Jitter),
		"spare-retry":     waits(s.SpareRetry),
		"probe":           waits(s.Probe),
		"lifetime":        s.Lifetime.String(),
		"delay-notice":    notice,
		"per-destination": fmt.Sprint(s.PerDestination),
		"per-host":        fmt.Sprint(s.PerHost),
		"total":           fmt.Sprint(s.Total),
		"per-connection":  fmt.Sprint(s.PerConnection),
		"connect-timeout": s.Connect.String(),
		"max-size":        fmt.Sprint(s.MaxSize),
		"sync":            fmt.Sprint(!s.NoSync),
	}
}

func waits(steps []time.Duration) string {
	words := make([]string, len(steps))
	for i, step := range steps {
		words[i] = step.String()
	}
	return strings.Join(words, ", ") + ", and so on"
}

package alone

import (
	"fmt"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/fakes/health"
)

// ParseIncident reads what the health service tells of, as it is written on a
// command line; it began at now:
//
//	id=EX196121 title="Delays" impact="Mail is late" lag=30m lasts=4h
func ParseIncident(line string, now time.Time) (health.Incident, error) {
	one := health.Incident{Start: now}
	fields, err := split(line)
	if err != nil {
		return one, err
	}
	for _, f := range fields {
		key, value, ok := strings.Cut(f, "=")
		if !ok || value == "" {
			return one, fmt.Errorf("%q is not a word of an incident; write KEY=VALUE", f)
		}
		switch key {
		case "id":
			one.ID = value
		case "title":
			one.Title = value
		case "impact":
			one.Impact = value
		case "service":
			one.Service = value
		case "feature":
			one.Feature = value
		case "lag":
			one.Lag, err = span(key, value)
		case "lasts":
			var d time.Duration
			d, err = span(key, value)
			one.End = now.Add(d)
		default:
			err = fmt.Errorf("an incident has no word %q; use id, title, impact, service, feature, "+
				"lag, lasts", key)
		}
		if err != nil {
			return one, err
		}
	}
	if one.ID == "" || one.Title == "" {
		return one, fmt.Errorf("an incident needs an id and a title")
	}
	return one, nil
}

package alone

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// timed are the fields that speak of a scenario's hours. A fault that is set by
// hand begins when it is set and ends when it is taken away.
var timed = []string{"from", "heal", "permanent", "hours", "shape", "basis"}

// mailFault is a fault of the scenario language, planned: it begins at now and
// lasts. The language's own reader and validator say what is wrong, because the
// words are put into a scenario of one day around them. Everywhere: it names no
// tenant, and the fake knows none.
func (f *Fake) mailFault(name string, text json.RawMessage, now time.Duration) (
	fault timeline.Fault, everywhere bool, err error) {
	all, err := decode(text)
	if err != nil {
		return fault, false, err
	}
	for _, word := range timed {
		if all[word] != nil {
			return fault, false, fmt.Errorf("%s is of scenarios; a fault set here begins at once "+
				"and lasts until it is taken away", word)
		}
	}
	all["name"], all["from"], all["permanent"] = name, faultsBegin, true
	for _, curve := range []string{"share", "cap"} {
		switch v := all[curve].(type) {
		case nil:
		case json.Number:
			all[curve] = []words{{"at": faultsBegin, "is": v}}
		default:
			return fault, false, fmt.Errorf("%s is a number here", curve)
		}
	}
	where, err := f.place(all)
	if err != nil {
		return fault, false, err
	}
	s, err := f.around(all, where)
	if err != nil {
		return fault, false, err
	}
	plan, err := timeline.Plan(s, timeline.Options{Seed: f.cfg.Seed})
	if err != nil {
		return fault, false, fmt.Errorf("planning a fault: %w", err)
	}
	fault = plan.Header().Faults[0]
	if fault.Stage == scenarios.StageLookup != (f.cfg.Kind == DNS) {
		return fault, false, fmt.Errorf("stage %s is not one of %s", fault.Stage, f.cfg.Kind)
	}
	if f.cfg.Scenario == nil && where["tenants"] != nil && fault.Stage != scenarios.StageLookup &&
		slices.Index(scenarios.Stages, fault.Stage) < slices.Index(scenarios.Stages, scenarios.StageRcpt) {
		return fault, false, fmt.Errorf("nobody is named yet at stage %s; use stage rcpt, or leave "+
			"tenants out", fault.Stage)
	}
	shift(&fault, now)
	return fault, f.cfg.Scenario == nil && where["tenants"] == nil, nil
}

// shift lets a fault of the wrapping day begin at now.
func shift(fault *timeline.Fault, now time.Duration) {
	fault.From = now
	for i := range fault.Share {
		fault.Share[i].At = now
	}
	for i := range fault.Cap {
		fault.Cap[i].At = now
	}
}

// place is where the words say, which is at this fake in any case.
func (f *Fake) place(all words) (words, error) {
	where := words{}
	switch v := all["where"].(type) {
	case nil:
	case map[string]any:
		where = v
	default:
		return nil, errors.New(`where is an object, {"tenants": ["kaede.example"]}`)
	}
	at := string(f.cfg.Kind)
	if f.cfg.Kind == DNS {
		at = scenarios.AtOffice365
		if where["at"] == scenarios.AtInternet {
			at = scenarios.AtInternet
		}
	}
	if given := where["at"]; given != nil && given != at {
		return nil, fmt.Errorf("this fault is at %v, and the fake is %s", given, f.cfg.Kind)
	}
	for _, word := range []string{"cohorts", "front_ends"} {
		if where[word] != nil && f.cfg.Scenario == nil {
			return nil, fmt.Errorf("%s are of a scenario, and none is given", word)
		}
	}
	where["at"] = at
	all["where"] = where
	return where, nil
}

// The day around faults that are set by hand. They begin an hour after it,
// because some look at what came before.
const (
	dayBegins   = "2000-01-01 00:00"
	faultsBegin = "2000-01-01 01:00"
	dayEnds     = "2000-01-02 00:00"
)

// around is a scenario of one fault. JSON is YAML, so no text is put together
// but by encoders.
func (f *Fake) around(fault, where words) (*scenarios.Scenario, error) {
	body := words{"faults": []words{fault}}
	body["cohorts"], body["routes"] = f.cohorts(where)
	body["outage"] = words{"from": faultsBegin, "heal": "2000-01-01 23:00"}
	body["expect"] = words{"no-loss": words{}}
	var text strings.Builder
	fmt.Fprintf(&text, "name: alone\ntitle: one fault\nzone: UTC\nfrom: %s\nuntil: %s\n",
		dayBegins, dayEnds)
	if f.cfg.Era != "" {
		fmt.Fprintf(&text, "era: %q\n", f.cfg.Era)
	}
	for _, part := range []string{"outage", "cohorts", "routes", "faults", "expect"} {
		value, err := encode(words{part: body[part]})
		if err != nil {
			return nil, err
		}
		inner := strings.TrimSuffix(strings.TrimPrefix(string(value), "{"), "}")
		_, inner, _ = strings.Cut(inner, ":")
		fmt.Fprintf(&text, "%s: %s\n", part, inner)
	}
	s, err := scenarios.Read("", []byte(text.String()))
	var problems scenarios.Problems
	if errors.As(err, &problems) {
		p := problems[0]
		return nil, fmt.Errorf("%s; %s", p.What, p.Cure)
	}
	return s, err
}

// cohorts are those of the fake's scenario or, where it has none, one with the
// tenants that the fault names, in the fake's forest.
func (f *Fake) cohorts(where words) (cohorts, routes []words) {
	given := f.knownCohorts(where)
	for _, c := range given {
		one := words{
			"name": c.Name, "at": c.At, "domains": c.Domains, "mailboxes": 1, "spare": c.Spare,
		}
		if c.Forest != "" {
			one["forest"], one["region"] = c.Forest, c.Region
		}
		cohorts = append(cohorts, one)
	}
	for i, c := range given {
		to := given[(i+1)%len(given)]
		routes = append(routes, words{
			"name": fmt.Sprintf("r%d", i), "from": c.Name, "to": to.Name, "peak": 1, "goes": "inbound",
		})
	}
	return cohorts, routes
}

func (f *Fake) knownCohorts(where words) []scenarios.Cohort {
	if f.cfg.Scenario != nil {
		return f.cfg.Scenario.Cohorts
	}
	tenants := []string{"tenant.example"}
	if list, ok := where["tenants"].([]any); ok && len(list) > 0 {
		tenants = nil
		for _, t := range list {
			tenants = append(tenants, fmt.Sprint(t))
		}
	}
	if list, ok := where["recipients"].([]any); ok {
		for _, r := range list {
			_, domain, _ := strings.Cut(fmt.Sprint(r), "@")
			if domain != "" && !slices.Contains(tenants, domain) {
				tenants = append(tenants, domain)
			}
		}
	}
	if where["at"] == scenarios.AtInternet {
		return []scenarios.Cohort{
			{Name: "others", At: scenarios.Internet, Domains: tenants},
			{Name: "senders", At: scenarios.Internet, Domains: []string{senders(tenants)}},
		}
	}
	return []scenarios.Cohort{
		{Name: "tenants", At: scenarios.Office365, Domains: tenants, Forest: f.forest(),
			Region: "here", Spare: true},
		{Name: "senders", At: scenarios.Internet, Domains: []string{senders(tenants)}},
	}
}

// senders is a domain that is none of the tenants'.
func senders(tenants []string) string {
	name := "senders.test"
	for slices.Contains(tenants, name) {
		name = "x" + name
	}
	return name
}

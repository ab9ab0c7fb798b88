package scenarios

import (
	"slices"
	"strconv"
	"strings"
)

// The values of Where.At for the services beside the mail: where tokens are
// issued, the provider's own health page, and client submission on port 587.
const (
	AtToken      = "token"
	AtHealth     = "health"
	AtSubmission = "submission"
)

// wheres are all values of Where.At.
var wheres = []string{AtOffice365, AtInternet, AtSpare, AtToken, AtHealth, AtSubmission}

// AtAlerts is the operator's webhook, where alarms come in. Nothing goes wrong
// with it, so that it is no place for faults.
const AtAlerts = "alerts"

// StageRequest is a request to a service that speaks HTTP, before its answer.
const StageRequest Stage = "request"

// Withdraw lets tokens be issued and refused where they are shown, as if the key
// that signs them was withdrawn.
const Withdraw Action = "withdraw"

// Web says whether the place is a service that speaks HTTP.
func (w Where) Web() bool { return w.At == AtToken || w.At == AtHealth }

// toRequests are the actions at stage request, by place. Timeout gives no answer
// at all, Stall none until the fault is healed.
var toRequests = map[string][]Action{
	AtToken:  {Reply, Slow, Stall, Timeout, Reset, Close, Withdraw},
	AtHealth: {Reply, Slow, Stall, Timeout, Reset, Close},
}

// ServiceReply is an answer that a service is known to give when it is unwell.
type ServiceReply struct {
	// Status is the one of HTTP (RFC 9110 section 15), Says the words that may
	// stand behind it in a scenario.
	Status int
	Says   string
}

// ServiceReplies are all of them, by place. Those of the token endpoint are of
// the outage of 2020-09-28 (azure-sdk-for-python issue 14241) and of throttling
// (microsoft-authentication-library-for-dotnet issue 2855), those of the health
// page of 2021-03-15 and of front doors that fail.
var ServiceReplies = map[string][]ServiceReply{
	AtToken: {
		{503, "AADSTS90033"}, {503, "Service Unavailable"}, {429, "Too Many Requests"},
		{504, "Gateway Timeout"},
	},
	AtHealth: {
		{401, "Unauthorized"}, {500, "Internal Server Error"}, {503, "Service Unavailable"},
	},
}

// ServiceReplyOf finds the answer that a fault's reply means at a place: by its
// status and the words behind it. What follows AADSTS90033 is for the reader. A
// status alone means the first with it.
func ServiceReplyOf(at, reply string) (ServiceReply, bool) {
	code, says, _ := strings.Cut(strings.TrimSpace(reply), " ")
	status, err := strconv.Atoi(code)
	says = strings.TrimSpace(says)
	all := ServiceReplies[at]
	i := slices.IndexFunc(all, func(r ServiceReply) bool {
		number, _, _ := strings.Cut(strings.ReplaceAll(says, ":", " "), " ")
		return err == nil && r.Status == status &&
			(says == "" || strings.EqualFold(says, r.Says) || number == r.Says)
	})
	if i < 0 {
		return ServiceReply{}, false
	}
	return all[i], true
}

// Needs are the services beside the mail that a run of the scenario has: the
// token endpoint, the health page and the webhook together, where it speaks of
// any of them; submission where a fault is there.
func (s *Scenario) Needs() []string {
	at := func(places ...string) bool {
		return slices.ContainsFunc(s.Faults, func(f Fault) bool {
			return slices.Contains(places, f.Where.At)
		})
	}
	var needs []string
	if len(s.Health) > 0 || s.Expect.Alarm != nil || at(AtToken, AtHealth, AtSubmission) {
		needs = append(needs, AtToken, AtHealth, AtAlerts)
	}
	if at(AtSubmission) {
		needs = append(needs, AtSubmission)
	}
	return needs
}

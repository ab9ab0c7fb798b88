package harness

import (
	"github.com/hansei-mail/hansei/harness/traffic"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// Surroundings are where the world outside of a relay is, for whoever has to tell
// a relay that hansei does not start.
type Surroundings struct {
	// DNS is the name server, ip:53.
	DNS string
	// SpareDomain is the domain of spare copies, SpareAddress where its MX is.
	SpareDomain, SpareAddress string
	// Sites are the domains whose mail the relay is given, and where it goes.
	Sites []timeline.Site
	// Filter are the texts in whose presence a message must be refused.
	Filter []string
}

// Outside tells of the world of a plan; without one, of what all have in common.
func Outside(h *timeline.Header) Surroundings {
	s := Surroundings{
		DNS: dnsAddress, SpareDomain: timeline.SpareDomain, SpareAddress: spareAddress,
		Filter: traffic.DirtTexts(),
	}
	if h != nil {
		s.Sites = h.Sites
	}
	return s
}

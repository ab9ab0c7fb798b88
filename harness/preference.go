package harness

import (
	"slices"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// preference is that of the MX record by which a relay came to an endpoint with
// mail for a domain; 0 where the domain has only one.
func preference(h timeline.Header, endpoint, domain string) int {
	site, ok := h.Site(domain)
	switch {
	case !ok || site.Fallback == "":
		return 0
	case endpoint == string(site.At):
		return scenarios.FirstPreference
	case endpoint == endpointInternet:
		return scenarios.FallbackPreference
	}
	return 0
}

// leaning are the domains that fall back to a site which the fault selects: what
// is wrong with its host is wrong for their mail there, too.
func leaning(h timeline.Header, selected []string) map[string]bool {
	all := map[string]bool{}
	for _, site := range h.Sites {
		if site.Fallback != "" && slices.Contains(selected, site.Fallback) {
			all[site.Domain] = true
		}
	}
	return all
}

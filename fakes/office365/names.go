package office365

import (
	"fmt"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

// geography is what a forest's place gives to its servers' names: the sites
// (three characters) and the name of its protection service until 2023.
type geography struct {
	prefix, eop string
	sites       []string
}

// The sites and services are those of host names seen in public transcripts
// (HE1EUR01FT103, DM6NAM11FT088, SG2PEPF000B66CB, TYZPR06MB6239, SY4P282MB1257,
// LO2P265CU023); which belong together is chosen here.
var geographies = []geography{
	{"nam", "nam11", []string{"DM6", "SN1", "CH3", "SA2", "BN8"}},
	{"eur", "eur01", []string{"HE1", "VE1", "DB3", "DU6", "AM6"}},
	{"apc", "apc01", []string{"SG2", "HK2", "TYZ", "PU1", "KL1"}},
	{"jpn", "jpn01", []string{"TY1", "OS3", "TYC"}},
	{"aus", "aus01", []string{"SY4", "SY5", "ME3"}},
	{"gbr", "gbr01", []string{"LN2", "LO2", "CWL"}},
	{"ind", "ind01", []string{"MA1", "PN3"}},
}

// regions is the geography of a region, for forests whose name tells none.
var regions = map[string]string{
	"apac": "apc", "asia": "apc", "jp": "jpn", "japan": "jpn", "au": "aus", "australia": "aus",
	"emea": "eur", "eu": "eur", "europe": "eur", "uk": "gbr", "in": "ind", "india": "ind",
}

func (mx MX) forest() string {
	if mx.Forest == "" {
		return "namprd03"
	}
	return strings.ToLower(mx.Forest)
}

func (mx MX) geography() geography {
	for _, want := range []string{mx.forest(), regions[strings.ToLower(mx.Region)]} {
		for _, g := range geographies {
			if strings.HasPrefix(want, g.prefix) {
				return g
			}
		}
	}
	return geographies[0]
}

// The reserved names that stand for Exchange Online's own zones,
// mail.protection.outlook.com and mx.microsoft.
const (
	MXZone   = "mail.protection.outlook.test"
	DANEZone = "mx.microsoft.test"
)

// MXName is the host in a tenant's MX record: its domain with hyphens for dots
// and, where two domains meet in one name, a suffix such as 01c (seen in public
// logs). taken says which names are in use; nil: none.
func MXName(domain string, taken func(name string) bool) string {
	label := strings.ReplaceAll(strings.ToLower(domain), ".", "-")
	name := label + "." + MXZone
	for n := 1; taken != nil && taken(name); n++ {
		name = fmt.Sprintf("%s%02dc.%s", label, n, MXZone)
	}
	return name
}

// DANEName is the host of a tenant that has chosen DNSSEC and DANE, in the zone
// of a letter: kaede-example.s-v1.mx.microsoft.test (seen in public logs with
// the letters r, s and x).
func DANEName(domain string, letter byte) string {
	label := strings.ReplaceAll(strings.ToLower(domain), ".", "-")
	return fmt.Sprintf("%s.%c-v1.%s", label, letter, DANEZone)
}

// FrontEnds is how many addresses an MX name has: 2 until about 2023, 4 since
// (look-ups in public logs; KumoMTA's documentation).
func FrontEnds(era Era) int {
	if era == Era2019 {
		return 2
	}
	return 4
}

// draw is a number that depends on the seed, the forest and the words alone.
// FNV-1a with a final mix: stable across runs and machines, as package
// hash/maphash is not.
func (mx MX) draw(words ...string) uint64 {
	h := uint64(14695981039346656037) ^ mx.Seed
	for _, w := range append(words, mx.forest()) {
		for i := 0; i < len(w); i++ {
			h = (h ^ uint64(w[i])) * 1099511628211
		}
		h = (h ^ 0xff) * 1099511628211
	}
	h ^= h >> 33
	h *= 0xff51afd7ed558ccd
	h ^= h >> 33
	return h
}

// frontEnd is the host name, without domain, of the address that was reached.
func (mx MX) frontEnd(s *smtpfake.Session) string {
	g, n := mx.geography(), mx.draw("front end", smtpfake.Host(s.Local))
	site := g.sites[n%uint64(len(g.sites))]
	n >>= 8
	if mx.era() == Era2026 {
		return fmt.Sprintf("%sPEPF%08X", site, n%0x20000) // LN2PEPF000100CA
	}
	return fmt.Sprintf("%s%sFT%03d", site, strings.ToUpper(g.eop), n%200) // DM6NAM11FT088
}

// public is the name in banner and greeting.
func (mx MX) public(s *smtpfake.Session) string {
	return mx.frontEnd(s) + ".mail.protection.outlook.com"
}

// internal is the name in trailers: in the protection service's own domain
// until 2023, in the forest's since.
func (mx MX) internal(s *smtpfake.Session) string {
	if mx.era() == Era2026 {
		return mx.frontEnd(s) + mx.domain()
	}
	return mx.frontEnd(s) + ".eop-" + mx.geography().eop + ".prod.protection.outlook.com"
}

// domain is that of a forest's servers: older forests, "namprd03", print lower
// case, newer ones, "AUSP282", upper case.
func (mx MX) domain() string {
	d := "." + mx.forest() + ".prod.outlook.com"
	if !strings.Contains(d, "prd") {
		return strings.ToUpper(d)
	}
	return d
}

// mailbox is the server behind the front end that a transaction ends at:
// SN1PR12MB0864.namprd12.prod.outlook.com.
func (mx MX) mailbox(n uint64) string {
	// A forest of the fake has eight of them.
	return mx.server("mailbox", "MB", string(rune('a'+n%8))) + mx.domain()
}

// server is SITE, the forest's tail, the kind of server and a number.
func (mx MX) server(what, kind, which string) string {
	g := mx.geography()
	tail := strings.ToUpper(mx.forest())
	if len(tail) > 3 {
		tail = strings.Replace(tail[3:], "PRD", "PR", 1)
	}
	k := mx.draw(what, which)
	return fmt.Sprintf("%s%s%s%04d", g.sites[k%uint64(len(g.sites))], tail, kind, k>>8%10000)
}

// trailer is what a refusal is signed with, without its brackets. The time and
// the session were added at about the end of 2022.
func (mx MX) trailer(s *smtpfake.Session) string {
	if mx.era() == Era2019 {
		return mx.internal(s)
	}
	return mx.internal(s) + " " + s.Now().UTC().Format("2006-01-02T15:04:05.000Z") + " " + s.ID
}

// ticks are .NET's: 100 ns since the year 1.
func ticks(t time.Time) uint64 {
	const unixEpoch = 621355968000000000
	return unixEpoch + uint64(t.Unix())*1e7 + uint64(t.Nanosecond()/100)
}

package relay

import "strings"

// Address is the spare mailbox of a recipient: "anna@kaede.example" has
// "anna=kaede.example@spare.test". The local part keeps the whole recipient, so
// that a copy can be traced to its pair.
func (s Spare) Address(recipient string) string {
	return strings.Replace(recipient, "@", "=", 1) + "@" + s.Domain
}

// Covers says whether the recipient's domain has spare copies.
func (s Spare) Covers(recipient string) bool {
	_, domain, ok := strings.Cut(recipient, "@")
	if !ok {
		return false
	}
	for _, d := range s.Domains {
		if strings.EqualFold(d, domain) {
			return true
		}
	}
	return false
}

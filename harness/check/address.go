package check

import "strings"

// spareDomain is the mail domain of the spare store; the plan's steps and the
// relay's settings use the same.
const spareDomain = "spare.test"

// canonical is an address with its domain in lower case. Local parts are
// compared exactly and domains are not (RFC 5321 section 2.4).
func canonical(address string) string {
	address = strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(address), "<"), ">")
	at := strings.LastIndexByte(address, '@')
	if at < 0 {
		return address
	}
	domain := address[at+1:]
	if lower := strings.ToLower(domain); lower != domain {
		return address[:at+1] + lower
	}
	return address
}

// domainOf is what follows the last @ of a canonical address.
func domainOf(address string) string {
	return address[strings.LastIndexByte(address, '@')+1:]
}

// fromSpare is the recipient whose spare mailbox a canonical address is:
// "anna=kaede.example@spare.test" belongs to "anna@kaede.example". Domains
// cannot contain the equals sign, so the last one of the local part divides.
func fromSpare(address string) (recipient string, ok bool) {
	at := strings.LastIndexByte(address, '@')
	if at < 0 || address[at+1:] != spareDomain {
		return "", false
	}
	local := address[:at]
	cut := strings.LastIndexByte(local, '=')
	if cut <= 0 || cut == len(local)-1 {
		return "", false
	}
	return canonical(local[:cut] + "@" + local[cut+1:]), true
}

// finalRecipient is the address in a Final-Recipient field, whose type may
// still be in front of it (RFC 3464 section 2.3.2).
func finalRecipient(field string) string {
	if kind, address, ok := strings.Cut(field, ";"); ok && !strings.Contains(kind, "@") {
		field = address
	}
	return canonical(field)
}

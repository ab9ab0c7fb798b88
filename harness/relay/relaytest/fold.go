package relaytest

import (
	"slices"
	"strings"
)

// Domains are the same in any case (RFC 5321 section 2.4), so a relay may
// change it; nobody may change the local part.

// fold is an address with its domain in lower case.
func fold(address string) string {
	local, domain, _ := strings.Cut(address, "@")
	if user, of, copied := strings.Cut(local, "="); copied { // a spare copy's
		local = user + "=" + strings.ToLower(of)
	}
	return local + "@" + strings.ToLower(domain)
}

// gotFold is what recipient has received under any spelling of its domain.
func (w *world) gotFold(recipient string) []letter {
	w.mu.Lock()
	defer w.mu.Unlock()
	var all []letter
	for to, letters := range w.taken {
		if fold(to) == fold(recipient) {
			all = append(all, letters...)
		}
	}
	return all
}

func (w *world) arrivesFold(recipient string) letter {
	w.t.Helper()
	w.tries("mail to "+recipient, func() bool { return len(w.gotFold(recipient)) > 0 })
	return w.gotFold(recipient)[0]
}

// sameFold says whether two lists name the same addresses, in any order.
func sameFold(a, b []string) bool {
	x, y := make([]string, len(a)), make([]string, len(b))
	for i, address := range a {
		x[i] = fold(address)
	}
	for i, address := range b {
		y[i] = fold(address)
	}
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

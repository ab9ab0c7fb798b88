package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"strconv"

	"github.com/goccy/go-yaml/ast"
)

// Domains are mail domains. In a file an entry may stand for many that differ in
// a number: t{001..999}.example, with as many digits as the first bound has.
type Domains []string

// maxDomains bounds one list: more tenants than a relay's DNS has to know in an
// incident, and few enough for everything else that is kept for each.
const maxDomains = 10_000

var (
	domainsType = reflect.TypeFor[Domains]()
	domainRange = regexp.MustCompile(`^([^{}]*)\{([0-9]{1,6})\.\.([0-9]{1,6})\}([^{}]*)$`)
)

// domains reads a list of names, each of which stands where its entry stands.
func (d *decoder) domains(n ast.Node, v reflect.Value, path, what string) {
	var entries []string
	written := reflect.ValueOf(&entries).Elem()
	d.list(n, written, path, what)
	s, ok := n.(*ast.SequenceNode)
	if !ok {
		return
	}
	all, places := Domains{}, []place{}
	for i, entry := range entries {
		names, err := spread(entry)
		if err == nil && len(all)+len(names) > maxDomains {
			err = fmt.Errorf("%s has more than %d domains", what, maxDomains)
		}
		if err != nil {
			d.complain(s.Values[i], `write a range as "t{001..250}.example"`, "%v", err)
			break
		}
		for _, name := range names {
			all, places = append(all, name), append(places, placeOf(s.Values[i]))
		}
	}
	for i, at := range places {
		d.places.at[item(path, i)] = at
	}
	v.Set(reflect.ValueOf(all))
}

// spread is the names that an entry stands for.
func spread(entry string) ([]string, error) {
	m := domainRange.FindStringSubmatch(entry)
	if m == nil {
		return []string{entry}, nil // a wrong one is told by Validate
	}
	from, _ := strconv.Atoi(m[2]) // six digits always fit
	to, _ := strconv.Atoi(m[3])
	if to < from || to-from >= maxDomains {
		return nil, fmt.Errorf("the range %s..%s must rise, to %d domains at most",
			m[2], m[3], maxDomains)
	}
	names := make([]string, 0, to-from+1)
	for i := from; i <= to; i++ {
		names = append(names, fmt.Sprintf("%s%0*d%s", m[1], len(m[2]), i, m[4]))
	}
	return names, nil
}

var numbered = regexp.MustCompile(`^([^0-9]*)([0-9]{1,6})(.*)$`)

// gather is the shortest list of entries, in the same order, that spread gives
// the names for, as far as their first number tells them apart.
func gather(names []string) []string {
	const fewest = 3 // of which a range is shorter than the list
	var entries []string
	for len(names) > 0 {
		n := following(names)
		m := numbered.FindStringSubmatch(names[0])
		if n < fewest {
			entries, names = append(entries, names[0]), names[1:]
			continue
		}
		last := numbered.FindStringSubmatch(names[n-1])
		entries = append(entries, fmt.Sprintf("%s{%s..%s}%s", m[1], m[2], last[2], m[3]))
		names = names[n:]
	}
	return entries
}

// following is how many of the names, from the first, one range stands for.
func following(names []string) int {
	m := numbered.FindStringSubmatch(names[0])
	if m == nil {
		return 1
	}
	from, _ := strconv.Atoi(m[2])
	n := 1
	for n < len(names) && n < maxDomains &&
		names[n] == fmt.Sprintf("%s%0*d%s", m[1], len(m[2]), from+n, m[3]) {
		n++
	}
	return n
}

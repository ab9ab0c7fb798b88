package health

import (
	"cmp"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Sizes of a page of issues (S10).
const (
	DefaultPage = 100
	MaxPage     = 1000
)

// shown are all issues that can be seen now, the latest first.
func (x *exchange) shown() []*issue {
	all, now := []*issue{}, x.srv.clock().Now()
	for n := range x.srv.Incidents {
		if i := x.srv.Incidents[n].issueAt(now); i != nil {
			all = append(all, i)
		}
	}
	slices.SortStableFunc(all, func(a, b *issue) int {
		return cmp.Or(b.Start.Compare(a.Start.Time), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// issues answers with a page of them.
func (x *exchange) issues(query url.Values) {
	skip, ok := x.number(query, "$skip", 0)
	if !ok {
		return
	}
	all := x.shown()
	most, ok := x.number(query, "$top", len(all))
	if !ok {
		return
	}
	size := pageSize(x.r.Header.Values("Prefer"))
	if size > 0 {
		x.w.Header().Set("Preference-Applied", "odata.maxpagesize="+strconv.Itoa(size))
	} else {
		size = DefaultPage
	}
	all = all[min(skip, len(all)):]
	all = all[:min(most, len(all))]
	body := page[*issue]{Context: x.context("issues"), Value: all}
	if len(all) > size {
		body.Value = all[:size]
		body.Next = x.base() + top + "issues?$skip=" + strconv.Itoa(skip+size)
		if query.Has("$top") {
			body.Next += "&$top=" + strconv.Itoa(most-size)
		}
	}
	x.show(body.Value)
	x.send(http.StatusOK, body)
}

// issue answers with one of them.
func (x *exchange) issue(id string) {
	for _, i := range x.shown() {
		if strings.EqualFold(i.ID, id) {
			i.Context = x.context("issues/$entity")
			x.show([]*issue{i})
			x.send(http.StatusOK, i)
			return
		}
	}
	x.notFound()
}

// report answers with the review of an incident, once there is one.
func (x *exchange) report(id string) {
	for n := range x.srv.Incidents {
		i := &x.srv.Incidents[n]
		if !strings.EqualFold(i.ID, id) || i.Review.At.IsZero() ||
			i.published().After(x.srv.clock().Now()) {
			continue
		}
		kind := i.Review.Type
		if kind == "" {
			kind = "application/octet-stream"
		}
		x.w.Header().Set("Content-Type", kind)
		x.Shown = []string{i.ID}
		x.write(http.StatusOK, i.Review.Document)
		return
	}
	x.notFound()
}

// published is when the review can be had.
func (i *Incident) published() time.Time {
	if i.Review.At.Before(i.Visible()) {
		return i.Visible()
	}
	return i.Review.At
}

func (x *exchange) show(issues []*issue) {
	for _, i := range issues {
		x.Shown = append(x.Shown, i.ID)
	}
}

// number is a query option that counts; a wrong one is refused with the words of
// Microsoft's OData library (from memory).
func (x *exchange) number(query url.Values, name string, standard int) (n int, ok bool) {
	if !query.Has(name) {
		return standard, true
	}
	n, err := strconv.Atoi(query.Get(name))
	if err == nil && n >= 0 {
		return n, true
	}
	x.fail(http.StatusBadRequest, "BadRequest", fmt.Sprintf("Invalid value '%s' for %s query "+
		"option found. The %s query option requires a non-negative integer value.",
		query.Get(name), name, name))
	return 0, false
}

// pageSize is the page size that a client prefers (RFC 7240, OData 4.0 part 1
// section 8.2.8.5), MaxPage at most; 0 where it has no preference that can be
// met.
func pageSize(prefer []string) int {
	for _, line := range prefer {
		for preference := range strings.SplitSeq(line, ",") {
			preference, _, _ = strings.Cut(preference, ";")
			name, value, _ := strings.Cut(preference, "=")
			name = strings.ToLower(strings.TrimSpace(name))
			if name != "odata.maxpagesize" && name != "maxpagesize" {
				continue
			}
			n, err := strconv.Atoi(strings.Trim(strings.TrimSpace(value), `"`))
			if err == nil && n > 0 {
				return min(n, MaxPage)
			}
		}
	}
	return 0
}

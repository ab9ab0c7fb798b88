package health

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// overviews answers with the state of all services.
func (x *exchange) overviews(query url.Values) {
	expand, ok := x.expand(query)
	if !ok {
		return
	}
	body := page[*overview]{Context: x.context("healthOverviews"), Value: x.states(expand)}
	if expand {
		body.Context = x.context("healthOverviews(issues())")
	}
	for _, o := range body.Value {
		x.show(o.Issues)
	}
	x.send(http.StatusOK, body)
}

// overview answers with the state of one service, by its name or id.
func (x *exchange) overview(name string, query url.Values) {
	expand, ok := x.expand(query)
	if !ok {
		return
	}
	for _, o := range x.states(expand) {
		if !strings.EqualFold(o.Service, name) && !strings.EqualFold(o.ID, name) {
			continue
		}
		o.Context = x.context("healthOverviews/$entity")
		if expand {
			o.Context = x.context("healthOverviews(issues())/$entity")
		}
		x.show(o.Issues)
		x.send(http.StatusOK, o)
		return
	}
	x.notFound()
}

// expand says whether the issues are asked for with their services.
func (x *exchange) expand(query url.Values) (expand, ok bool) {
	switch query.Get("$expand") {
	case "":
		return false, true
	case "issues":
		return true, true
	}
	x.fail(http.StatusBadRequest, "BadRequest", "Parsing OData Select and Expand failed: Could not "+
		"find a property named '"+query.Get("$expand")+"' on type 'microsoft.graph.serviceHealth'.")
	return false, false
}

// states are all services with the status of their worst open issue.
func (x *exchange) states(expand bool) []*overview {
	told := x.srv.Services
	if told == nil {
		told = services
	}
	all := []*overview{}
	find := func(name string) *overview {
		n := slices.IndexFunc(all, func(o *overview) bool { return o.Service == name })
		if n < 0 {
			return nil
		}
		return all[n]
	}
	add := func(s Service) {
		o := &overview{Service: s.Name, Status: Operational, ID: s.ID}
		if expand {
			o.Issues = []*issue{}
		}
		all = append(all, o)
	}
	for _, s := range told {
		add(s)
	}
	for n := range x.srv.Incidents {
		if name := x.srv.Incidents[n].service(); find(name) == nil {
			add(Service{name, strings.ReplaceAll(name, " ", "")})
		}
	}
	for _, i := range x.shown() {
		o := find(i.Service)
		if expand {
			o.Issues = append(o.Issues, i)
		}
		o.Status = o.Status.worse(i.Status)
	}
	return all
}

package shrink

import (
	"reflect"
	"slices"

	"github.com/hansei-mail/hansei/scenarios"
)

// bare is the scenario without what a run does not need: where its figures come
// from, and the rates and the mix from which its messages were drawn.
func bare(s *scenarios.Scenario) *scenarios.Scenario {
	out := scenarios.Loose(s)
	forget(reflect.ValueOf(out).Elem())
	out.About, out.Tags, out.Sources, out.Curves, out.Mail = "", nil, nil, nil, scenarios.Mail{}
	for i := range out.Routes {
		out.Routes[i].Curve = ""
	}
	return out
}

// forget copies what a part points to and leaves every basis out.
func forget(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer:
		switch {
		case v.IsNil():
		case v.Type() == reflect.TypeFor[*scenarios.Basis]():
			v.SetZero()
		default:
			own := reflect.New(v.Type().Elem())
			own.Elem().Set(v.Elem())
			forget(own.Elem())
			v.Set(own)
		}
	case reflect.Slice:
		if v.Len() == 0 || v.Type().Elem().Kind() != reflect.Struct {
			return
		}
		own := reflect.MakeSlice(v.Type(), v.Len(), v.Len())
		reflect.Copy(own, v)
		for i := range own.Len() {
			forget(own.Index(i))
		}
		v.Set(own)
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				forget(v.Field(i))
			}
		}
	}
}

// mend takes away what hangs in the air: messages outside the window and routes
// without mail.
func mend(s *scenarios.Scenario) {
	s.Messages = slices.DeleteFunc(slices.Clone(s.Messages), func(m scenarios.Message) bool {
		return m.At.Time.Before(s.From.Time) || !m.At.Time.Before(s.Until.Time)
	})
	used := map[string]bool{}
	for _, m := range s.Messages {
		used[m.Route] = true
	}
	s.Routes = slices.DeleteFunc(slices.Clone(s.Routes), func(r scenarios.Route) bool {
		return !used[r.Name]
	})
}

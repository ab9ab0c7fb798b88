package scenarios

import (
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"
	_ "time/tzdata" // zones must load where the system has none, e.g. in a bare image
)

// validator looks at what a scenario means. Each check adds what it finds and
// goes on; problems that follow from another one are not told.
type validator struct {
	s        *Scenario
	zone     *time.Location
	day      time.Time // of From
	problems Problems
	// bad are the paths of parts that are known to be wrong, as the text has
	// them; nothing that only follows from them is told.
	bad []string
}

func newValidator(s *Scenario) *validator { return &validator{s: s} }

// Validate checks a scenario that a program has put together, including its
// variants; Read has done so already for what it returns. Moments may have
// only their Text set, or both.
func (s *Scenario) Validate() error {
	v := newValidator(s)
	v.resolve()
	if s.Variant != "" { // its changes are made already
		v.heading()
		v.whole()
		v.gaps()
	} else {
		v.everything()
	}
	return v.problems.asError()
}

// say adds a problem at a path, unless a part of it could not even be read.
func (v *validator) say(path, cure, format string, args ...any) {
	if v.broken(path) {
		return
	}
	at := v.s.places.of(path)
	v.problems = append(v.problems, Problem{
		File: v.s.file, Line: at.line, Column: at.column,
		What: fmt.Sprintf(format, args...), Cure: cure,
	})
}

// broken says whether any of these parts, or one within or around them, is
// known to be wrong.
func (v *validator) broken(paths ...string) bool {
	for _, path := range paths {
		own := path
		if v.s.places != nil {
			own = v.s.places.origin(path)
		}
		added := join(join("variants", v.s.Variant), path)
		for _, bad := range v.bad {
			if within(bad, own) || within(own, bad) || v.s.Variant != "" && within(bad, added) {
				return true
			}
		}
	}
	return false
}

// within says whether a path is the other, or a part of it.
func within(path, of string) bool {
	rest, ok := strings.CutPrefix(path, of)
	return ok && (rest == "" || rest[0] == '.' || rest[0] == '[')
}

// spoilt notes that a part is wrong, so that nothing is told that follows.
func (v *validator) spoilt(path string) {
	if v.s.places != nil {
		path = v.s.places.origin(path)
	}
	v.bad = append(v.bad, path)
}

// resolve gives every moment its time.
func (v *validator) resolve() {
	zone, err := time.LoadLocation(v.s.Zone)
	if v.s.Zone == "" || v.s.Zone == "Local" || err != nil {
		v.say("zone", `use an IANA name such as "Asia/Tokyo" or "UTC"`,
			"the time zone %q is not known", clip(v.s.Zone))
		zone = time.UTC
	}
	v.zone = zone
	v.moment(&v.s.From, "from", time.Time{})
	v.day = v.s.From.Time
	if v.broken("from") {
		v.day = time.Date(2000, 1, 1, 0, 0, 0, 0, zone) // any will do to go on
	}
	v.moments(reflect.ValueOf(v.s).Elem(), "")
}

func (v *validator) moment(m *Moment, path string, day time.Time) {
	if m.Text == "" || !m.Time.IsZero() {
		return
	}
	if err := m.resolve(v.zone, day); err != nil {
		cure := `write "2019-11-19 11:00"`
		if !day.IsZero() {
			cure += `, or "11:00" on the day of from`
		}
		v.say(path, cure, "%s", clip(err.Error()))
		v.spoilt(path)
	}
}

// moments resolves all moments in a part, whatever part that is: a new part of
// the language needs no new code here.
func (v *validator) moments(part reflect.Value, path string) {
	switch part.Kind() {
	case reflect.Struct:
		if part.Type() == momentType {
			v.moment(part.Addr().Interface().(*Moment), path, v.day)
			return
		}
		names := fieldsOf(part.Type())
		for _, name := range namesOf(part.Type()) {
			v.moments(part.Field(names[name].index), join(path, name))
		}
	case reflect.Slice:
		for i := range part.Len() {
			v.moments(part.Index(i), item(path, i))
		}
	case reflect.Pointer:
		if !part.IsNil() {
			v.moments(part.Elem(), path)
		}
	case reflect.Map:
		for _, key := range part.MapKeys() {
			element := reflect.New(part.Type().Elem()).Elem() // those of maps cannot be set
			element.Set(part.MapIndex(key))
			v.moments(element, join(path, key.String()))
			part.SetMapIndex(key, element)
		}
	}
}

// everything checks the scenario and each of its variants.
func (v *validator) everything() {
	v.heading()
	v.whole()
	if v.s.Variant == "" { // another variant is not what is played
		v.gaps()
	}
	for _, name := range v.s.VariantNames() {
		path := join("variants", name)
		v.word(path, "a variant", name)
		if v.s.Variants[name].Title == "" {
			v.say(path, `add "title: ..."`, "variant %q has an empty title", clip(name))
		}
		varied := &validator{s: v.s.vary(name), zone: v.zone, day: v.day, bad: v.bad}
		varied.whole()
		if name == v.s.Variant {
			varied.gaps()
		}
		v.problems = append(v.problems, varied.problems...)
	}
	if v.s.Variant != "" {
		v.oneOf("variant", "variant", v.s.Variant, v.s.VariantNames())
	}
}

// whole checks what a variant may change, and what that refers to.
func (v *validator) whole() {
	v.window()
	v.bases()
	v.cohorts()
	v.curves()
	v.routes()
	v.mail()
	v.messages()
	v.faults()
	v.links()
	v.relay()
	v.health()
	v.promises()
	v.foreseen()
}

// words are what names are made of: they become file names, parts of seeds and
// arguments on a command line.
var words = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

func (v *validator) word(path, what, name string) bool {
	if words.MatchString(name) && len(name) <= 40 {
		return true
	}
	v.say(path, "use lower case letters, digits and single dashes, 40 at most",
		"the name of %s, %q, is not well formed", what, clip(name))
	return false
}

// fresh says so where a name was used before, and notes it.
func (v *validator) fresh(path, what, name string, seen map[string]bool) {
	if seen[name] {
		v.say(path, "give each its own name", "two %s are named %q", what, clip(name))
	}
	seen[name] = true
}

// oneOf checks a word of a fixed list.
func (v *validator) oneOf(path, what, got string, known []string) bool {
	if slices.Contains(known, got) {
		return true
	}
	v.say(path, suggest(got, known), "%s %q is not known", what, clip(got))
	return false
}

// Eras are the generations of Exchange Online that the fakes can speak as.
var Eras = []string{"2019", "2023", "2026"}

func (v *validator) heading() {
	v.word("name", "the scenario", v.s.Name)
	if strings.TrimSpace(v.s.Title) == "" {
		v.say("title", "say in one line what happened", "the title is empty")
	}
	for i, tag := range v.s.Tags {
		v.word(item("tags", i), "a tag", tag)
	}
	if v.s.Era != "" {
		v.oneOf("era", "era", v.s.Era, Eras)
	}
	for key, citation := range v.s.Sources {
		if strings.TrimSpace(citation) == "" {
			v.say(join("sources", key), "say where it can be read", "source %q cites nothing", clip(key))
		}
	}
}

// maxLength bounds a scenario; the longest known incident lasted nine days.
const maxLength = 31 * 24 * time.Hour

func (v *validator) window() {
	s := v.s
	if v.broken("from", "until", "outage.from", "outage.heal") {
		v.spoilt("until")
		return
	}
	if !s.Until.Time.After(s.From.Time) {
		v.say("until", "the scenario must end after it begins", "until is not after from")
		v.spoilt("until")
		return
	}
	if s.FullLength() > maxLength {
		v.say("until", "split the incident into several scenarios",
			"the scenario lasts longer than 31 days")
	}
	o, found := s.Outage, len(v.problems)
	if !o.From.Time.After(s.From.Time) {
		v.say("outage.from", "let the scenario begin earlier: checks compare with the time before",
			"the outage does not begin after from")
	}
	if !o.Heal.Time.After(o.From.Time) {
		v.say("outage.heal", "heal it after it begins", "the outage heals before it begins")
	}
	if !s.Until.Time.After(o.Heal.Time) {
		v.say("outage.heal", "let the scenario go on after the heal, so that the drain is seen",
			"the outage does not heal before until")
	}
	if len(v.problems) > found {
		v.spoilt("outage")
	}
}

// bases checks every basis, wherever it is.
func (v *validator) bases() { v.basesIn(reflect.ValueOf(v.s).Elem(), "") }

func (v *validator) basesIn(part reflect.Value, path string) {
	switch part.Kind() {
	case reflect.Pointer:
		if b, ok := part.Interface().(*Basis); ok && b != nil {
			v.basis(b, path)
		} else if !part.IsNil() {
			v.basesIn(part.Elem(), path)
		}
	case reflect.Struct:
		names := fieldsOf(part.Type())
		for _, name := range namesOf(part.Type()) {
			v.basesIn(part.Field(names[name].index), join(path, name))
		}
	case reflect.Slice:
		for i := range part.Len() {
			v.basesIn(part.Index(i), item(path, i))
		}
	}
}

func (v *validator) basis(b *Basis, path string) {
	v.oneOf(join(path, "sure"), "sureness", string(b.Sure), []string{string(Known), string(Assumed)})
	if b.Sure == Known && len(b.Source) == 0 {
		v.say(path, `add "source: [key]", or say "sure: assumed"`,
			"a basis is known but names no source")
	}
	for i, key := range b.Source {
		if _, ok := v.s.Sources[key]; !ok {
			known := make([]string, 0, len(v.s.Sources))
			for name := range v.s.Sources {
				known = append(known, name)
			}
			slices.Sort(known)
			v.say(item(join(path, "source"), i), suggest(key, known),
				"source %q is not among the scenario's sources", clip(key))
		}
	}
}

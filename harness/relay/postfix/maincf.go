package postfix

import (
	"fmt"
	"slices"
	"strings"
)

// setting is a line that the driver adds to main.cf.
type setting struct {
	key, value, why string
	how             precedence
}

// precedence says what becomes of the user's own value.
type precedence int

const (
	// theirs: the user's value stands, ours is for want of one.
	theirs precedence = iota
	// both: ours is appended to the user's list.
	both
	// ours: the instance or the machine's safety needs our value.
	ours
)

// setAside are the user's settings that speak of the place where his Postfix
// lives, or would start other instances; a private instance has its own.
var setAside = []string{
	"command_directory", "config_directory", "daemon_directory", "mail_owner", "setgid_group",
	"meta_directory", "shlib_directory", "alternate_config_directories",
	"multi_instance_directories", "multi_instance_enable", "multi_instance_group",
	"multi_instance_name", "multi_instance_wrapper",
}

// compose lays the user's main.cf over the driver's settings. It returns the
// file's text and what of it is not stock.
func compose(added []setting, user []entry) (text string, changes []string) {
	const origin = "from the user's configuration"
	values := map[string]setting{}
	var order []string
	put := func(s setting) {
		if _, known := values[s.key]; !known {
			order = append(order, s.key)
		}
		values[s.key] = s
	}
	for _, e := range user {
		if slices.Contains(setAside, e.key) {
			changes = append(changes, fmt.Sprintf("main.cf: the user's %s = %s is set aside "+
				"(the instance is a private one)", e.key, e.value))
			continue
		}
		put(setting{key: e.key, value: e.value, why: origin}) // the last one counts
	}
	for _, s := range added {
		user, set := values[s.key]
		switch {
		case set && s.how == theirs:
			continue
		case set && s.how == both && user.value != "":
			s.value = user.value + ", " + s.value
			s.why = "the user's own, and " + s.why
		case set && s.how == ours && user.value != s.value:
			s.why = fmt.Sprintf("%s; the user's %q is set aside", s.why, user.value)
		}
		put(s)
	}
	var b strings.Builder
	for _, key := range order {
		s := values[key]
		fmt.Fprintf(&b, "# %s\n%s = %s\n", s.why, s.key, s.value)
		changes = append(changes, fmt.Sprintf("main.cf: %s = %s (%s)", s.key, s.value, s.why))
	}
	return b.String(), changes
}

// literal keeps text that is no list from being expanded.
func literal(path string) string { return strings.ReplaceAll(path, "$", "$$") }

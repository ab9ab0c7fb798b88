package reports

import (
	"fmt"
	"slices"
)

// Lang is the language of a page, by its BCP 47 tag.
type Lang string

// The languages. English is the default; every other one is a table from the
// English words, so that a page without a translation still reads.
const (
	English  Lang = "en"
	Japanese Lang = "ja"
)

// Langs are all languages, for --lang.
func Langs() []Lang { return []Lang{English, Japanese} }

// Known says whether pages speak the language; empty means English.
func (l Lang) Known() bool { return l == "" || slices.Contains(Langs(), l) }

// tag is the language for the page's lang attribute.
func (l Lang) tag() string {
	if l == "" {
		return string(English)
	}
	return string(l)
}

// say is an English text in the language.
func (l Lang) say(english string) string {
	if l == Japanese {
		if there, ok := japanese[english]; ok {
			return there
		}
	}
	return english
}

// sayf is say for a format, whose values come in the English order.
func (l Lang) sayf(english string, values ...any) string {
	return fmt.Sprintf(l.say(english), values...)
}

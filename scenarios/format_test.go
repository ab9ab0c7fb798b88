package scenarios_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// TestFormatIsReadBack: what a program has put together says the same as a file.
func TestFormatIsReadBack(t *testing.T) {
	try := func(name string, s *scenarios.Scenario) {
		t.Helper()
		text := scenarios.Format(s)
		back, err := scenarios.Read(name, text)
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, text)
		}
		opts := []cmp.Option{cmpopts.IgnoreUnexported(scenarios.Scenario{}), cmpopts.EquateEmpty()}
		if diff := cmp.Diff(scenarios.Loose(s), back, opts...); diff != "" {
			t.Errorf("%s: %s\n%s", name, diff, text)
		}
		if again := scenarios.Format(back); string(again) != string(text) {
			t.Errorf("%s: writing it twice gives two texts", name)
		}
	}
	for path, data := range files(t, "good/*.yaml") {
		s, err := scenarios.Read(path, data)
		if err != nil {
			t.Fatal(err)
		}
		try(path, s)
	}
	for _, name := range catalog.Names() {
		s, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		try(name, s)
		for _, variant := range s.VariantNames() {
			varied, err := s.With(variant)
			if err != nil {
				t.Fatal(err)
			}
			try(name+"/"+variant, varied)
		}
	}
}

// TestFormatQuotesWhatIsNoPlainText: text that YAML would take for something
// else, or that would end it.
func TestFormatQuotesWhatIsNoPlainText(t *testing.T) {
	s, err := catalog.Load(catalog.Names()[0])
	if err != nil {
		t.Fatal(err)
	}
	for _, title := range []string{
		"true", "No", "12", "- a", "a: b", "a # b", `say "x" \ y`, "{x}", "[x", "日本", "a\nb", " a ",
		"'", "2019-11-19 11:00", "null", "a,b", "<&>", "*x", "!x", "%", "@x", "`",
	} {
		changed := scenarios.Loose(s)
		changed.Title = title
		text := scenarios.Format(changed)
		back, err := scenarios.Read("x.yaml", text)
		if err != nil {
			t.Errorf("%q: %v", title, err)
		} else if back.Title != title {
			t.Errorf("%q came back as %q", title, back.Title)
		}
	}
}

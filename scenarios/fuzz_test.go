package scenarios_test

import (
	"errors"
	"os"
	"testing"
	"unicode/utf8"

	"github.com/hansei-mail/hansei/scenarios"
)

// FuzzRead holds that any text is either read, and then means the same when it
// is read again, or refused with problems that name what is wrong.
func FuzzRead(f *testing.F) {
	for _, pattern := range []string{"good/*.yaml", "bad/*.yaml"} {
		for _, data := range files(f, pattern) {
			f.Add(data)
		}
	}
	incident, err := os.ReadFile("catalog/incidents/ex196121.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(incident)
	f.Fuzz(func(t *testing.T, data []byte) {
		s, err := scenarios.Read("fuzz.yaml", data)
		if err != nil {
			var problems scenarios.Problems
			if !errors.As(err, &problems) || len(problems) == 0 || !utf8.ValidString(err.Error()) {
				t.Fatalf("refused with %q", err)
			}
			for _, p := range problems {
				if p.What == "" || p.Cure == "" {
					t.Fatalf("the problem %+v says too little", p)
				}
			}
			return
		}
		again, err := scenarios.Read("fuzz.yaml", s.Text())
		if err != nil {
			t.Fatalf("reading it again: %v", err)
		}
		if diff := same(s, again); diff != "" {
			t.Fatalf("it changed when read again:\n%s", diff)
		}
		for _, name := range s.VariantNames() {
			if s.Variant != "" {
				break
			}
			if _, err := s.With(name); err != nil {
				t.Fatalf("taking variant %s: %v", name, err)
			}
		}
	})
}

package scenarios_test

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/hansei-mail/hansei/scenarios"
)

var update = flag.Bool("update", false, "write the golden files anew")

func files(t testing.TB, pattern string) map[string][]byte {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", pattern))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no files %s: %v", pattern, err)
	}
	found := map[string][]byte{}
	for _, path := range paths {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		found[path] = data
	}
	return found
}

func TestBadFilesSayWhatIsWrong(t *testing.T) {
	for path, data := range files(t, "bad/*.yaml") {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".yaml"), func(t *testing.T) {
			_, err := scenarios.Read(filepath.Base(path), data)
			var problems scenarios.Problems
			if !errors.As(err, &problems) {
				t.Fatalf("got %v, want problems", err)
			}
			for _, p := range problems {
				if p.Line < 1 || p.Cure == "" {
					t.Errorf("%q has no line or no cure", p)
				}
			}
			golden := strings.TrimSuffix(path, ".yaml") + ".want"
			got := err.Error() + "\n"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), got); diff != "" {
				t.Errorf("other problems than expected (-want +got):\n%s", diff)
			}
		})
	}
}

// same compares scenarios by what they say, not by where they say it.
func same(a, b *scenarios.Scenario) string {
	return cmp.Diff(a, b, cmpopts.IgnoreUnexported(scenarios.Scenario{}))
}

func TestGoodFilesReadAndReadAgain(t *testing.T) {
	for path, data := range files(t, "good/*.yaml") {
		s, err := scenarios.Read(path, data)
		if err != nil {
			t.Errorf("%v", err)
			continue
		}
		again, err := scenarios.Read(path, s.Text())
		if err != nil {
			t.Errorf("reading the text again: %v", err)
		} else if diff := same(s, again); diff != "" {
			t.Errorf("%s changed when read again:\n%s", path, diff)
		}
		if err := s.Validate(); err != nil {
			t.Errorf("validating what was read: %v", err)
		}
		if s.Variant != "" {
			continue
		}
		for _, name := range s.VariantNames() {
			v, err := s.With(name)
			if err != nil {
				t.Errorf("%v", err)
				continue
			}
			again, err := scenarios.Read(path, v.Text())
			if err != nil {
				t.Errorf("reading %s again in variant %s: %v", path, name, err)
			} else if diff := same(v, again); diff != "" {
				t.Errorf("%s/%s changed when read again:\n%s", path, name, diff)
			}
		}
	}
}

func read(t testing.TB, name string) *scenarios.Scenario {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "good", name))
	if err != nil {
		t.Fatal(err)
	}
	s, err := scenarios.Read(name, data)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestMomentsAndOffsets(t *testing.T) {
	s := read(t, "small.yaml")
	if want := time.Date(2024, 3, 4, 7, 0, 0, 0, time.UTC); !s.Start().Equal(want) {
		t.Errorf("it starts at %s, want %s", s.Start(), want)
	}
	for m, want := range map[scenarios.Moment]time.Duration{
		s.From: 0, s.Outage.From: time.Hour, s.Faults[0].Heal: 3 * time.Hour,
		s.Faults[0].Share[1].At: 2 * time.Hour, s.Until: 5 * time.Hour,
	} {
		if got := s.Offset(m); got != want {
			t.Errorf("%s is at %s, want %s", m, got, want)
		}
	}
	if got := read(t, "permanent-and-spare.yaml").Faults[4].From; got.Time.Second() != 30 {
		t.Errorf("%s lost its seconds", got.Time)
	}
}

// On 2024-10-27 the clocks of Berlin show the time from 2 to 3 twice.
func TestATimeThatIsThereTwiceIsTheEarlierOne(t *testing.T) {
	s := read(t, "autumn.yaml")
	if got := s.Offset(s.Outage.From); got != 2*time.Hour {
		t.Errorf("the outage begins after %s, want 2h", got)
	}
	if got := s.Length(); got != 13*time.Hour+30*time.Minute {
		t.Errorf("the day is %s long, want 13h30m", got)
	}
}

func TestVariantsChangeCopies(t *testing.T) {
	s := read(t, "small.yaml")
	v, err := s.With("kill")
	if err != nil {
		t.Fatal(err)
	}
	if len(s.Relay) != 0 || s.Variant != "" || len(v.Relay) != 1 || v.Variant != "kill" {
		t.Errorf("the scenario has %d relay steps, its variant %d", len(s.Relay), len(v.Relay))
	}
	if again, err := v.With("kill"); err != nil || again != v {
		t.Errorf("taking the same variant again: %v", err)
	}
	if _, err := v.With("other"); err == nil {
		t.Error("a variant of a variant was taken")
	}
	if _, err := s.With("other"); err == nil {
		t.Error("an unknown variant was taken")
	}
	if same, err := s.With(""); err != nil || same != s {
		t.Errorf("no variant at all: %v", err)
	}
	if got := read(t, "in-variant.yaml"); len(got.Relay) != 1 {
		t.Errorf("a variant named in the text is not in force")
	}
}

func TestTooLarge(t *testing.T) {
	_, err := scenarios.Read("big.yaml", make([]byte, scenarios.MaxBytes+1))
	if err == nil || !strings.Contains(err.Error(), "bytes") {
		t.Errorf("got %v", err)
	}
}

// A scenario that a program has put together is checked as a file is.
func TestValidateWithoutText(t *testing.T) {
	s := read(t, "small.yaml")
	made := *s
	fault := s.Faults[0]
	fault.Name, fault.Heal = "second", scenarios.Moment{}
	made.Faults = append([]scenarios.Fault{fault}, s.Faults...)
	var problems scenarios.Problems
	if err := made.Validate(); !errors.As(err, &problems) || len(problems) != 1 ||
		!strings.Contains(problems[0].What, `"second" never heals`) {
		t.Errorf("got %v", err)
	}
}

func TestSpans(t *testing.T) {
	for text, want := range map[string]time.Duration{
		"90s": 90 * time.Second, "5m": 5 * time.Minute, "10h": 10 * time.Hour,
		"5d": 120 * time.Hour, "1h30m": 90 * time.Minute, "200ms": 200 * time.Millisecond,
		"1.5h": 90 * time.Minute, "0s": 0,
	} {
		got, err := scenarios.ParseSpan(text)
		if err != nil || got.Duration() != want {
			t.Errorf("%q is %s (%v), want %s", text, got.Duration(), err, want)
		}
		back, err := scenarios.ParseSpan(got.String())
		if err != nil || back != got {
			t.Errorf("%q came back as %s from %q: %v", text, back.Duration(), got, err)
		}
	}
	for _, bad := range []string{
		"", "5", "m", "-5m", "5 m", "1m1h", "1m1m", "5w", "1..5s", "99999999d", "1e3s", "5mm",
	} {
		if got, err := scenarios.ParseSpan(bad); err == nil {
			t.Errorf("%q was read as %s", bad, got)
		}
	}
}

func TestCurveMinutes(t *testing.T) {
	c := scenarios.Curve{{At: "06:00", Is: 0}, {At: "18:00", Is: 1}}
	minutes, shares := c.Minutes()
	if !reflect.DeepEqual(minutes, []int{0, 360, 1080, 1440}) ||
		!reflect.DeepEqual(shares, []float64{0.5, 0, 1, 0.5}) {
		t.Errorf("got %v %v", minutes, shares)
	}
	minutes, shares = scenarios.Curve{{At: "00:00", Is: 1}, {At: "24:00", Is: 0}}.Minutes()
	if !reflect.DeepEqual(minutes, []int{0, 1440}) || !reflect.DeepEqual(shares, []float64{1, 0}) {
		t.Errorf("got %v %v", minutes, shares)
	}
}

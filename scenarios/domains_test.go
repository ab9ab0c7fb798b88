package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestARangeOfDomainsStandsForMany(t *testing.T) {
	for _, c := range []struct {
		entry string
		want  []string
		wrong string
	}{
		{entry: "kaede.example", want: []string{"kaede.example"}},
		{entry: "t{08..11}.example", want: []string{
			"t08.example", "t09.example", "t10.example", "t11.example"}},
		{entry: "{9..10}.test", want: []string{"9.test", "10.test"}},
		{entry: "a{7..7}b.test", want: []string{"a7b.test"}},
		{entry: "t{3..2}.example", wrong: "must rise"},
		{entry: "t{1..20000}.example", wrong: "10000 domains at most"},
		{entry: "t{a..b}.example", want: []string{"t{a..b}.example"}}, // Validate refuses it
	} {
		got, err := spread(c.entry)
		if c.wrong != "" {
			if err == nil || !strings.Contains(err.Error(), c.wrong) {
				t.Errorf("%s: %v, not %q", c.entry, err, c.wrong)
			}
			continue
		}
		if err != nil || !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, %v", c.entry, got, err)
		}
	}
}

func TestDomainsAreCountedAndPlaced(t *testing.T) {
	const head = "name: many\ncohorts:\n  - name: small\n    at: office365\n    domains:\n"
	for text, want := range map[string]string{
		"      - ok.example\n      - t{1..3}.com\n":                "x.yaml:7: the domain \"t3.com\"",
		"      - t{1..9000}.example\n      - s{1..9000}.example\n": "more than 10000 domains",
		"      - t{5..1}.example\n":                                "must rise",
		"      - t{1..3}.example\n      - t2.example\n":            "t2.example",
	} {
		_, err := Read("x.yaml", []byte(head+text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q:\n%v\nwithout %q", text, err, want)
		}
	}
}

func TestGatheredDomainsSpreadAgain(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		one := rapid.Custom(func(t *rapid.T) []string {
			width := rapid.IntRange(1, 4).Draw(t, "width")
			from := rapid.IntRange(0, 120).Draw(t, "from")
			head := rapid.SampledFrom([]string{"t", "", "x-", "a1b"}).Draw(t, "head")
			var names []string
			for i := range rapid.IntRange(1, 12).Draw(t, "run") {
				names = append(names, fmt.Sprintf("%s%0*d.example", head, width, from+i))
			}
			return names
		})
		names := slices.Concat(rapid.SliceOfN(one, 0, 4).Draw(t, "names")...)
		var again []string
		for _, entry := range gather(names) {
			some, err := spread(entry)
			if err != nil {
				t.Fatalf("%s: %v", entry, err)
			}
			again = append(again, some...)
		}
		if !slices.Equal(again, names) {
			t.Errorf("%v became %v", names, again)
		}
	})
	if got := gather([]string{"t08.test", "t09.test", "t10.test", "kaede.example"}); len(got) != 2 ||
		got[0] != "t{08..10}.test" {
		t.Errorf("%v", got)
	}
}

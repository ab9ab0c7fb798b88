package office365_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/fakes/office365"
	"github.com/hansei-mail/hansei/fakes/smtpfake"
)

var update = flag.Bool("update", false, "write the golden listing anew")

// TestReplyTable: every refusal as a client reads it, with its stages, meaning
// and sources, beside the golden listing.
func TestReplyTable(t *testing.T) {
	mx := office365.MX{Forest: "namprd03", Started: began, Seed: 1}
	s := opened(mx)
	reply := regexp.MustCompile(`^[45][0-5][0-9] [45]\.\d{1,2}\.\d{1,3} \S`)
	names := map[string]bool{}
	var got strings.Builder
	for _, r := range office365.Replies() {
		text := mx.Refusal(s, "b@kaede.example", r.Text)
		sure := "seen"
		if !r.Sure {
			sure = "not sure: " + r.Note
		}
		fmt.Fprintf(&got, "%s (%s)\n  %q\n  %s; %s; %s\n", r.Name, strings.Join(r.Stages, ", "), text,
			r.Meaning, r.Source, sure)
		if names[r.Name] || !reply.MatchString(text) || strings.Contains(text, "{") || len(text) > 510 {
			t.Errorf("%s: named twice, or no reply: %q", r.Name, text)
		}
		names[r.Name] = true
		if len(r.Stages) == 0 || r.Meaning == "" || r.Sure == (r.Note != "") {
			t.Errorf("%s: %+v lacks something", r.Name, r)
		}
		for _, stage := range r.Stages {
			if stage != "ndr" && !slices.Contains(smtpfake.Stages(), smtpfake.Stage(stage)) {
				t.Errorf("%s: there is no stage %s", r.Name, stage)
			}
		}
		for key := range strings.FieldsSeq(r.Source) {
			if office365.Sources[key] == "" {
				t.Errorf("%s: source %q is nowhere", r.Name, key)
			}
		}
		if again, ok := office365.ReplyNamed(r.Name); !ok || again.Text != r.Text {
			t.Errorf("%s is not found by its name", r.Name)
		}
	}
	const golden = "testdata/replies.txt"
	if *update {
		if err := os.WriteFile(golden, []byte(got.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if _, ok := office365.ReplyNamed("nonsense"); ok {
		t.Error("there is a reply named nonsense")
	}
}

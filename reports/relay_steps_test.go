package reports_test

import (
	"strings"
	"testing"

	"github.com/hansei-mail/hansei/reports"
	"github.com/hansei-mail/hansei/scenarios/catalog"
)

// TestWhatWasDoneToTheRelayIsTold in the text and in the page's picture.
func TestWhatWasDoneToTheRelayIsTold(t *testing.T) {
	for name, words := range map[string]string{
		"ex196121/kill": "power-cut: kill at 15:00, restarted at 15:02",
		"ex196121/kill-in-data": "cut-in-data: kill with the first message handed over and not yet " +
			"answered after 15:00",
		"ex196121/disk-full":  "no-space: disk-full at 14:00, space again at 14:30",
		"ex196121/paused":     "standstill: pause at 13:00, goes on at 13:10",
		"ex196121/slow-disk":  "worn-disk: slow-disk, 200ms more a write, from 12:00 to 18:00",
		"ex196121/clock-step": "ntp-mishap: clock-step by +1h at 14:00, put right at 15:00",
	} {
		s, err := catalog.Load(name)
		if err != nil {
			t.Fatal(err)
		}
		in := made(t, 0.1)
		in.Scenario = s
		var text, page strings.Builder
		if err := reports.Text(&text, in); err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(text.String(), words) {
			t.Errorf("%s: the text does not say %q", name, words)
		}
		if err := reports.HTML(&page, in); err != nil {
			t.Fatal(err)
		}
		step, _, _ := strings.Cut(words, ":")
		if strings.Count(page.String(), step) < 2 {
			t.Errorf("%s: the page does not show %s in its lanes and in its course", name, step)
		}
	}
}

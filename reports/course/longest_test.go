package course

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestTheLongestWaitIsFoundWhateverTheOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		bins := rapid.IntRange(1, 40).Draw(t, "bins")
		l := newLongest(bins)
		want := make([]time.Duration, bins)
		for i := range want {
			want[i] = nobody
		}
		for range rapid.IntRange(0, 30).Draw(t, "waits") {
			in := rapid.IntRange(0, bins-1).Draw(t, "in")
			out := rapid.IntRange(in+1, bins).Draw(t, "out")
			since := time.Duration(rapid.IntRange(0, 1000).Draw(t, "since"))
			l.wait(in, out, since)
			for i := in; i < out; i++ {
				want[i] = min(want[i], since)
			}
		}
		if diff := cmp.Diff(want, l.since()); diff != "" {
			t.Fatal(diff)
		}
	})
}

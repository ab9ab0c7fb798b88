package evidence

import (
	"bytes"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// counter is a stamp that never repeats.
func counter() Stamp {
	var n time.Duration
	return func() (time.Duration, time.Duration) { n += time.Millisecond; return n, 600 * n }
}

func write(t *testing.T, events ...Event) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), File)
	log, err := Create(path, counter())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range events {
		log.Append(e)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	return path
}

func read(t *testing.T, path string) (events []Event, err error) {
	t.Helper()
	for e, e2 := range Read(path) {
		if e2 != nil {
			return events, e2
		}
		events = append(events, e)
	}
	return events, nil
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	events := []Event{
		{Kind: KindBegin, Actor: Harness, Note: "v1"},
		{Kind: KindSubmission, Actor: Load, Msg: "m1", To: []string{"a@b.test"},
			Outcome: Accepted, Code: 250, Reply: "2.0.0 Ok: queued as \x01\"<\u2028", Due: time.Hour},
		{Kind: KindSample, Name: "relay", Values: map[string]float64{"rss": 1e9}},
		{Kind: KindEnd, Outcome: Settled},
	}
	got, err := read(t, write(t, events...))
	if err != nil {
		t.Fatal(err)
	}
	stamp := counter()
	for i := range events {
		events[i].At, events[i].T = stamp()
	}
	if diff := cmp.Diff(events, got); diff != "" {
		t.Error(diff)
	}
}

// TestEvidenceCutAnywhere: however the file is cut, what comes out is a prefix
// of what was written, and the end marker is missing or an error is given.
func TestEvidenceCutAnywhere(t *testing.T) {
	var events []Event
	for range 200 {
		events = append(events, Event{Kind: KindDelivery, Msg: "m1", Digest: "abc"})
	}
	path := write(t, append(events, Event{Kind: KindEnd, Outcome: Settled})...)
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for n := range len(whole) {
		var got int
		var last Event
		var failed error
		for e, err := range Decode(bytes.NewReader(whole[:n])) {
			if err != nil {
				failed = err
				break
			}
			got++
			last = e
		}
		if failed == nil && last.Kind == KindEnd {
			t.Fatalf("cut at byte %d of %d: reads as whole", n, len(whole))
		}
		if got > 201 {
			t.Fatalf("cut at byte %d: %d events out of 201", n, got)
		}
	}
}

func TestManyWriters(t *testing.T) {
	path := filepath.Join(t.TempDir(), File)
	log, err := Create(path, counter())
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 500 {
				log.Append(Event{Kind: KindAttempt})
			}
		})
	}
	all.Wait()
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	events, err := read(t, path)
	if err != nil || len(events) != 4000 {
		t.Fatalf("%d events, %v", len(events), err)
	}
	for i := 1; i < len(events); i++ {
		if events[i].At <= events[i-1].At {
			t.Fatalf("line %d is stamped before line %d", i, i-1)
		}
	}
}

func TestCreateRefusesAnOldFile(t *testing.T) {
	path := write(t)
	if _, err := Create(path, counter()); err == nil {
		t.Error("an existing file was taken")
	}
}

func TestFullDiskIsSaid(t *testing.T) {
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full on this system")
	}
	full.Close()
	dir := t.TempDir()
	log, err := Create(filepath.Join(dir, File), counter())
	if err != nil {
		t.Fatal(err)
	}
	log.file.Close()
	if log.file, err = os.OpenFile("/dev/full", os.O_WRONLY, 0); err != nil {
		t.Fatal(err)
	}
	log.buf.Reset(log.file)
	for range 5000 {
		log.Append(Event{Kind: KindAttempt, Reply: "no space"})
	}
	if err := log.Close(); err == nil {
		t.Error("a full disk went unnoticed")
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"kind":"end"}` + "\n"))
	f.Add([]byte("{}\n{"))
	f.Fuzz(func(t *testing.T, data []byte) {
		n := 0
		decodeLines(bytes.NewReader(data), func(_ Event, err error) bool {
			if err != nil {
				n = -1 << 30
			}
			if n++; err == nil && n < 0 {
				t.Error("an event follows an error")
			}
			return true
		})
	})
}

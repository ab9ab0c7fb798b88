package evidence

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/iotest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/zstd"
)

// lines are what Log writes, and what it never does.
var lines = []string{
	`{"at":1738586376,"t":2131668694231,"kind":"delivery","actor":"fake","msg":"m155",` +
		`"from":"u18-sales@sakura.example","to":["u44.desk@sugi.example"],"size":2430,` +
		`"digest":"74988ebad07b72865ad6-79c8b48558dfc387e4f8","began":2131542498031,` +
		`"outcome":"accepted","code":250,"reply":"250 2.6.0 \u003cm155.9681@sakura.example\u003e ` +
		`[InternalId=7, Hostname=H] 10470 bytes in 0.139, 73.762 KB/sec Queued",` +
		`"endpoint":"office365","site":"sugi.example","address":"127.25.5.1:25",` +
		`"peer":"127.0.0.1:58390","session":"08D769762CAC29C8","stage":"accepted"}`,
	`{"at":5,"t":-7,"kind":"sample","name":"relay","values":{"rss":1e9,"cpu":0.25}}`,
	`{"at":5,"t":6,"kind":"canary","name":"qmgr","value":-0.25,"limit":2}`,
	`{"at":5,"t":6,"kind":"delivery","msg":"m1","withheld":true,"to":["a@b.test","c@d.test"]}`,
	`{"at":1,"t":2,"kind":"stray","note":"a\tb\nc\\\"\/ \u00e9 \ud83d\ude00 ä"}`,
	`{}`, ` {"at":1}`, `{"at":1} `, `{"at":1,}`, `{"at":01}`, `{"at":-0}`, `{"at":1e3}`,
	`{"at":"1"}`, `{"at":null}`, `{"AT":1}`, `{"other":[1,{"a":2}]}`, `{"to":[]}`,
	`{"to":["a",]}`, `{"to":null}`, `{"withheld":false}`, `{"msg":"m1","msg":"m2"}`,
	`{"values":{"a":1},"values":{"b":2}}`, `{"note":"` + "\xff" + `"}`, `{"note":"\u12"}`,
	`{"note":"\x"}`, `{"at":9223372036854775808}`, `{"at":999999999999999999}`, `[]`, ``, `{`,
	`{"at":1}{"at":2}`, `{"note":"` + "\x01" + `"}`, `{"note":"\u0000"}`,
}

// alike holds the two ways to read a line against each other.
func alike(t *testing.T, p *parser, line []byte) {
	t.Helper()
	var got, want Event
	wrong := json.Unmarshal(line, &want)
	err := p.event(string(line), &got)
	if (err == nil) != (wrong == nil) {
		t.Fatalf("%s: error %v, encoding/json says %v", line, err, wrong)
	}
	if err != nil {
		return
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%s: (-encoding/json +ours)\n%s", line, diff)
	}
}

func TestParseIsEncodingJSON(t *testing.T) {
	var p parser
	for _, line := range lines {
		alike(t, &p, []byte(line))
	}
}

// TestParseTakesWhatLogWrites: the fast way is the usual one; without this, all
// lines could go to encoding/json and nobody would notice.
func TestParseTakesWhatLogWrites(t *testing.T) {
	var p parser
	for _, line := range []string{lines[0], lines[3]} {
		p.line, p.pos = line, 0
		if !p.object(&Event{}) {
			t.Errorf("left to encoding/json: %s", line)
		}
	}
}

func FuzzParse(f *testing.F) {
	for _, line := range lines {
		f.Add([]byte(line))
	}
	f.Fuzz(func(t *testing.T, line []byte) { alike(t, &parser{}, line) })
}

// numbered is n lines, each longer than the one before it up to a kilobyte.
func numbered(n int) []byte {
	var b bytes.Buffer
	for i := range n {
		fmt.Fprintf(&b, `{"at":%d,"t":1,"kind":"note","note":"%s"}`+"\n", i,
			strings.Repeat("x", i%1024))
	}
	return b.Bytes()
}

func TestBlocksKeepTheOrder(t *testing.T) {
	const n = 5000
	for name, r := range map[string]io.Reader{
		"whole":     bytes.NewReader(numbered(n)),
		"in pieces": iotest.HalfReader(bytes.NewReader(numbered(n))),
	} {
		next := time.Duration(0)
		decodeLines(r, func(e Event, err error) bool {
			if err != nil || e.At != next {
				t.Fatalf("%s: event %d reads as %d, %v", name, next, e.At, err)
			}
			next++
			return true
		})
		if next != n {
			t.Errorf("%s: %d events of %d", name, next, n)
		}
	}
}

// TestErrorsComeInTheirPlace: what is whole before them is yielded, and nothing
// behind them.
func TestErrorsComeInTheirPlace(t *testing.T) {
	text := numbered(3000)
	third := bytes.Index(text, []byte(`"at":2500,`))
	tests := []struct {
		name, says string
		r          io.Reader
		events     int
	}{
		{"a broken line", "line 2501", bytes.NewReader(
			bytes.Replace(text, []byte(`{"at":2500,`), []byte(`{"at":x,`), 1)), 2500},
		{"a cut line", errCutLine.Error(), bytes.NewReader(text[:third+5]), 2500},
		{"an endless line", "longer than", io.MultiReader(bytes.NewReader(text),
			io.LimitReader(endless{}, 3*maxLine)), 3000},
		{"a cut frame", io.ErrUnexpectedEOF.Error(), io.MultiReader(
			bytes.NewReader(text), iotest.ErrReader(io.ErrUnexpectedEOF)), 3000},
		{"an error of the disk", iotest.ErrTimeout.Error(), io.MultiReader(
			bytes.NewReader(text), iotest.ErrReader(iotest.ErrTimeout)), 3000},
	}
	for _, c := range tests {
		t.Run(c.name, func(t *testing.T) {
			events := 0
			var last error
			decodeLines(c.r, func(_ Event, err error) bool {
				if last != nil {
					t.Fatal("something follows the error")
				}
				if last = err; err == nil {
					events++
				}
				return true
			})
			if last == nil || !strings.Contains(last.Error(), c.says) || events != c.events {
				t.Errorf("%d events and %v, want %d and %q", events, last, c.events, c.says)
			}
		})
	}
}

type endless struct{}

func (endless) Read(b []byte) (int, error) {
	for i := range b {
		b[i] = 'x'
	}
	return len(b), nil
}

func TestWhoeverStopsReadingIsHeard(t *testing.T) {
	n := 0
	decodeLines(bytes.NewReader(numbered(50000)), func(Event, error) bool {
		n++
		return n < 10
	})
	if n != 10 {
		t.Errorf("%d events after the tenth was the last", n-10)
	}
}

func BenchmarkDecode(b *testing.B) {
	var text bytes.Buffer
	zip, err := zstd.NewWriter(&text)
	if err != nil {
		b.Fatal(err)
	}
	for i := range b.N {
		line := strings.ReplaceAll(lines[0], "m155", fmt.Sprint("m", i))
		fmt.Fprintln(zip, line)
	}
	if err := zip.Close(); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	b.ResetTimer()
	n := 0
	for _, err := range Decode(&text) {
		if err != nil {
			b.Fatal(err)
		}
		n++
	}
	if n != b.N {
		b.Fatalf("%d events of %d", n, b.N)
	}
}

package traffic

import (
	"net"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// What waits is called once, with the message whose last dot has gone out, and
// not by a line of a letter that looks like one.
func TestNextInData(t *testing.T) {
	here, there := net.Pipe()
	defer here.Close()
	defer there.Close()
	go func() {
		for b := make([]byte, 1<<10); ; {
			if _, err := there.Read(b); err != nil {
				return
			}
		}
	}()
	s := &Sender{}
	var called []string
	say := func(msg string) { called = append(called, msg) }
	write := func(w *wire, text string) {
		t.Helper()
		if _, err := w.Write([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	first, second := &wire{Conn: here, sender: s, msg: "m1"}, &wire{Conn: here, sender: s, msg: "m2"}
	if s.NextInData(nil) || s.NextInData(say) {
		t.Error("something waited before anything was asked for")
	}
	write(first, "a line that ends in a dot.\r\n")
	first.ending.Store(true)
	write(first, "the rest of the letter\r\n")
	if len(called) != 0 {
		t.Fatalf("called with %v before the end of data", called)
	}
	write(first, ".\r\n")
	write(first, "QUIT.\r\n")
	second.ending.Store(true)
	write(second, "text\r\n.\r\n")
	if diff := cmp.Diff([]string{"m1"}, called); diff != "" {
		t.Error(diff)
	}
	if s.NextInData(say) || !s.NextInData(nil) || s.NextInData(nil) {
		t.Error("what waits is not called off")
	}
	there.Close()
	s.NextInData(say)
	second.ending.Store(true)
	if _, err := second.Write([]byte(".\r\n")); err == nil || len(called) != 1 {
		t.Errorf("what never went out was told: %v, %v", called, err)
	}
}

package link

import (
	"errors"
	"io"
	"os"
	"testing"
	"time"
)

// TestSlicesAreSmallAndWhole: what is sent in one piece comes in many, and all
// of it.
func TestSlicesAreSmallAndWhole(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Slice: 3})
	relay, far := through(t, l)
	const text = "250 2.0.0 Ok: queued"
	if _, err := io.WriteString(far, text); err != nil {
		t.Fatal(err)
	}
	var got []byte
	pieces := 0
	for len(got) < len(text) {
		buffer := make([]byte, 1)
		n, err := relay.Read(buffer)
		if err != nil {
			t.Fatalf("%q, %v", got, err)
		}
		got = append(got, buffer[:n]...)
		pieces++
	}
	if string(got) != text || l.tuning.Load().slice(len(text)) != 3 {
		t.Errorf("%q came in %d pieces", got, pieces)
	}
}

// TestSilenceHealsOnTheSameConnection: nothing passes a silent path either way,
// and everything does after the repair.
func TestSilenceHealsOnTheSameConnection(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{Silent: true})
	relay, far := through(t, l)
	echo(t, far)
	if _, err := io.WriteString(relay, "EHLO there"); err != nil {
		t.Fatal(err)
	}
	if err := relay.SetReadDeadline(time.Now().Add(100 * time.Millisecond)); err != nil {
		t.Fatal(err)
	}
	if n, err := relay.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a silent path brought %d bytes, %v", n, err)
	}
	if got := l.Stats(); got.FromRelay != 0 || got.Open != 1 {
		t.Errorf("%+v", got)
	}
	if err := errors.Join(l.Repair(), relay.SetReadDeadline(time.Time{})); err != nil {
		t.Fatal(err)
	}
	if err := expect(relay, "EHLO there"); err != nil {
		t.Error(err)
	}
}

// TestSlowCloseComesAfterTheLastByte: the bytes are there long before the end.
func TestSlowCloseComesAfterTheLastByte(t *testing.T) {
	l := newLink(t, newDial(1), Impairment{SlowClose: time.Hour})
	relay, far := through(t, l)
	if _, err := io.WriteString(far, "221 bye"); err != nil {
		t.Fatal(err)
	}
	if err := far.Close(); err != nil {
		t.Fatal(err)
	}
	if err := expect(relay, "221 bye"); err != nil {
		t.Fatal(err)
	}
	if l.Stats().Open != 1 {
		t.Error("the connection is closed already")
	}
	if err := l.Repair(); err != nil {
		t.Fatal(err)
	}
	if n, err := relay.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("after the repair %d bytes, %v", n, err)
	}
}

package traffic

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

var allShapes = []timeline.Shape{
	timeline.EightBit, timeline.Dots, timeline.LongLines, timeline.Blanks, timeline.Folded,
}

var noon = time.Date(2019, 11, 19, 3, 0, 0, 0, time.UTC)

func submission(size int, shapes ...timeline.Shape) *timeline.Submission {
	return &timeline.Submission{
		ID: "m7", Route: "inbound", From: "anna@shop.example", Seed: 99, Size: size, Shape: shapes,
		To: []string{"u1@kaede.example", "u2@momiji.example"},
	}
}

func compose(t *testing.T, sub *timeline.Submission) []byte {
	t.Helper()
	content, err := Compose(sub, noon, NewKeys(1))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestContentComesFromTheID(t *testing.T) {
	a, b := compose(t, submission(9000)), compose(t, submission(9000))
	if DigestOf(a) != DigestOf(b) {
		t.Error("the same submission gave two contents")
	}
	other := submission(9000)
	other.Seed++
	if DigestOf(a) == DigestOf(compose(t, other)) {
		t.Error("another seed gave the same content")
	}
}

func TestContentIsWellFormed(t *testing.T) {
	for _, size := range []int{0, 700, 9000, attachmentFrom, 500_000} {
		content := compose(t, submission(size, allShapes...))
		if !bytes.HasSuffix(content, []byte("\r\n")) {
			t.Errorf("size %d: no CRLF at the end", size)
		}
		for i, line := range strings.Split(string(content), "\r\n") {
			if len(line) > longLine {
				t.Errorf("size %d: line %d has %d octets", size, i+1, len(line))
			}
			if strings.ContainsAny(line, "\r\n") {
				t.Errorf("size %d: line %d has a bare CR or LF", size, i+1)
			}
		}
		if off := len(content) - size; size > 5000 && (off < -200 || off > 1600) {
			t.Errorf("size %d: %d bytes", size, len(content))
		}
	}
}

func TestDirtIsInTheBody(t *testing.T) {
	for i, dirt := range []scenarios.Dirt{scenarios.GTUBE, scenarios.EICAR} {
		sub := submission(4000)
		if bytes.Contains(compose(t, sub), []byte(DirtTexts()[i])) {
			t.Errorf("%s in clean mail", dirt)
		}
		sub.Dirt = dirt
		if !bytes.Contains(compose(t, sub), []byte("\r\n"+DirtTexts()[i]+"\r\n")) {
			t.Errorf("no %s in dirty mail", dirt)
		}
	}
}

// TestExaminerSeesTheSameHoweverItIsCut: the finding does not depend on how the
// content is cut into writes, nor on what relays put on top.
func TestExaminerSeesTheSameHoweverItIsCut(t *testing.T) {
	keys := NewKeys(1)
	rapid.Check(t, func(t *rapid.T) {
		sub := submission(rapid.IntRange(0, 3000).Draw(t, "size"),
			rapid.SliceOfDistinct(rapid.SampledFrom(allShapes), rapid.ID).Draw(t, "shapes")...)
		sub.ID = rapid.SampledFrom([]string{"m1", "m7", "m16", "m23", "m400"}).Draw(t, "id")
		content, err := Compose(sub, noon, keys)
		if err != nil {
			t.Fatal(err)
		}
		want := DigestOf(content)
		wire := append([]byte("Received: from a by b\r\n\twith ESMTP; now\r\n"), content...)
		x := NewExaminer(keys)
		for rest := wire; len(rest) > 0; {
			n := rapid.IntRange(1, len(rest)).Draw(t, "cut")
			if _, err := x.Write(rest[:n]); err != nil {
				t.Fatal(err)
			}
			rest = rest[n:]
		}
		f := x.Finding()
		if f.Msg != sub.ID || f.Digest != want || f.Size != int64(len(wire)) || f.DKIM == "fail" {
			t.Fatalf("finding %+v, want digest %s", f, want)
		}
		if (f.DKIM == "pass") != toVerify(sub.ID) {
			t.Fatalf("DKIM %q of %s", f.DKIM, sub.ID)
		}
	})
}

func TestExaminerPlacesADifference(t *testing.T) {
	keys := NewKeys(1)
	sub := submission(3000)
	for toVerify(sub.ID) == false {
		sub.ID += "1"
	}
	content, err := Compose(sub, noon, keys)
	if err != nil {
		t.Fatal(err)
	}
	whole := DigestOf(content)
	header, body, _ := strings.Cut(whole, "-")
	find := func(c []byte) Finding {
		x := NewExaminer(keys)
		_, _ = x.Write(c)
		return x.Finding()
	}
	inHeader := find(bytes.Replace(content, []byte("Subject: "), []byte("Subject: [x] "), 1))
	if h, b, _ := strings.Cut(inHeader.Digest, "-"); h == header || b != body {
		t.Errorf("header altered: %s, was %s", inHeader.Digest, whole)
	}
	inBody := find(append(bytes.Clone(content), "-- \r\nfooter\r\n"...))
	if h, b, _ := strings.Cut(inBody.Digest, "-"); h != header || b == body {
		t.Errorf("body altered: %s, was %s", inBody.Digest, whole)
	}
	if inBody.DKIM != "fail" {
		t.Error("a signature holds over an altered body")
	}
	at := bytes.Index(content, []byte("\r\n"+IDHeader)) + 2
	if f := find(content[at:]); f.DKIM != "fail" || f.Digest != whole {
		t.Errorf("signature removed: %+v", f)
	}
}

func TestExaminerKeepsWhatIsNotOurs(t *testing.T) {
	bounce := "From: MAILER-DAEMON\r\nSubject: failed\r\n\r\n" + IDHeader + ": m1\r\n\r\nx\r\n"
	x := NewExaminer(NewKeys(1))
	for i := range bounce {
		_, _ = x.Write([]byte{bounce[i]})
	}
	if f := x.Finding(); f.Msg != "" || string(f.Other) != bounce {
		t.Errorf("%+v", f)
	}
	x = NewExaminer(nil)
	big := strings.Repeat("X: "+strings.Repeat("y", 1000)+"\r\n", 5000)
	_, _ = x.Write([]byte(big))
	if f := x.Finding(); f.Msg != "" || len(f.Other) != keepOther {
		t.Errorf("kept %d bytes of an endless header", len(f.Other))
	}
	if x := (NewExaminer(nil)).Finding(); x.Msg != "" || x.Size != 0 {
		t.Error("nothing was found something")
	}
}

func FuzzExaminer(f *testing.F) {
	f.Add([]byte("X-Hansei-Id: m1\r\n\r\nbody"), 3)
	f.Add([]byte("Received: x\r\nx-hansei-id:m1\r\n\r\n"), 1)
	f.Fuzz(func(t *testing.T, data []byte, cut int) {
		if cut < 1 {
			cut = 1
		}
		whole, pieces := NewExaminer(nil), NewExaminer(nil)
		_, _ = whole.Write(data)
		for rest := data; len(rest) > 0; {
			n := min(cut, len(rest))
			_, _ = pieces.Write(rest[:n])
			rest = rest[n:]
		}
		a, b := whole.Finding(), pieces.Finding()
		if len(data) < keepHead && (a.Msg != b.Msg || a.Digest != b.Digest || a.Size != b.Size) {
			t.Errorf("whole %+v, in pieces %+v", a, b)
		}
	})
}

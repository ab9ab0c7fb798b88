package harness

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/mailstore"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// TestWhoseCopyItIs: trace fields tell, the sender's own do not.
func TestWhoseCopyItIs(t *testing.T) {
	spare := relay.Spare{Domains: []string{"kaede.example"}, Domain: "spare.test"}
	own := "X-Hansei-Id: m1\r\nDelivered-To: forged=kaede.example@spare.test\r\n\r\n" +
		"X-Original-To: forged=kaede.example@spare.test\r\n"
	for name, c := range map[string]struct {
		head string
		want []string
	}{
		"by Postfix": {"Return-Path: <a@x.test>\r\nX-Original-To: b=kaede.example@spare.test\r\n" +
			"Delivered-To: all@spare.test\r\n", []string{"b=kaede.example@spare.test"}},
		"by Exim": {"Return-path: <a@x.test>\r\nenvelope-to: b=kaede.example@SPARE.test,\r\n" +
			"\tc=kaede.example@spare.test\r\n",
			[]string{"b=kaede.example@SPARE.test", "c=kaede.example@spare.test"}},
		"by the recipient itself": {"Return-Path: <a@x.test>\r\nX-Original-To: <b@kaede.example>\r\n",
			[]string{"b=kaede.example@spare.test"}},
		"twice the same": {"Return-Path: <a@x.test>\r\nDelivered-To: b=kaede.example@spare.test\r\n" +
			"Delivered-To: b=kaede.example@spare.test\r\n", []string{"b=kaede.example@spare.test"}},
		"nobody": {"Return-Path: <a@x.test>\r\nDelivered-To: spare\r\nX-Original-To: b@else.test\r\n",
			nil},
	} {
		var h headOf
		for b := range strings.SplitSeq(c.head+own, "") {
			if _, err := h.Write([]byte(b)); err != nil {
				t.Fatal(err)
			}
		}
		if diff := cmp.Diff(c.want, h.recipients(spare)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
		if h.sender() != "a@x.test" {
			t.Errorf("%s: the sender is %q", name, h.sender())
		}
	}
}

// inReal is a driver of which only the traits are asked.
type inReal struct{ relay.Driver }

func (inReal) Traits() relay.Traits { return relay.Traits{} }

// quickened is one that can be accelerated.
type quickened struct{ relay.Driver }

func (quickened) Traits() relay.Traits { return relay.Traits{SharesClock: true} }

// TestStoresThatWouldProveNothingAreRefused, before anything is started.
func TestStoresThatWouldProveNothingAreRefused(t *testing.T) {
	store, err := mailstore.Parse("maildir:" + t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		scenario, words string
		driver          relay.Driver
	}{
		{"ex196121", "own endpoint only", honest()},
		{"ex196121", "--speed 1", quickened{honest()}},
		{"spare-down-too", "breaks the spare", inReal{honest()}},
		{"ex196121", "", inReal{honest()}},
	} {
		s := load(t, c.scenario)
		tl, err := timeline.Plan(s, timeline.Options{Seed: 1, Scale: 0.1})
		if err != nil {
			t.Fatal(err)
		}
		_, err = prepare(s, tl, c.driver, Config{Dir: t.TempDir(), Spare: &store})
		if c.words == "" && err != nil || c.words != "" && (err == nil ||
			!strings.Contains(err.Error(), c.words)) {
			t.Errorf("%s: %v, want %q", c.scenario, err, c.words)
		}
	}
}

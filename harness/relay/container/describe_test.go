package container

import (
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/hansei-mail/hansei/harness/relay"
)

const goodDescription = `
name: other
image: example.test/other:1
version: [other, -v]
settings: {retry: 5m}
queue: {folder: /var/spool/other, list: [other, -q]}
limits: {memory: 512m, cpus: 1.5}
`

// TestShippedDescriptionsAreWhole reads what comes with hansei.
func TestShippedDescriptionsAreWhole(t *testing.T) {
	names := map[string]bool{}
	for _, d := range Shipped() {
		if d.wrong != nil {
			t.Error(d.wrong)
		}
		names[d.Name()] = true
	}
	if !names["container-postfix"] || !names["container-chasquid"] || len(names) != 2 {
		t.Errorf("shipped: %v", names)
	}
}

// TestDescriptionsAreHeldAgainstThemselves wants each mistake named in one line.
func TestDescriptionsAreHeldAgainstThemselves(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"whole", goodDescription, ""},
		{"JSON", `{"name": "mail", "image": "mail", "speaks": "postfix"}`, ""},
		{"unknown field", goodDescription + "ports: [25]\n", "ports"},
		{"both", goodDescription + "build: .\n", "either image or build"},
		{"outside", strings.Replace(goodDescription, "image: example.test/other:1", "build: ../x", 1),
			"beside or below"},
		{"no queue", strings.Replace(goodDescription, "folder: /var/spool/other, ", "", 1),
			"queue.folder must be an absolute path"},
		{"tongue", `{"name": "mail", "image": "mail", "speaks": "exim"}`, "knows nothing but postfix"},
		{"too much", `{"name": "mail", "image": "mail", "speaks": "postfix", "clock": "real"}`,
			"needs neither"},
		{"memory", strings.Replace(goodDescription, "512m", "much", 1), "is no size"},
		{"rate", goodDescription + "max-rate: 10\n", "max-rate is for a shared clock"},
		{"name", strings.Replace(goodDescription, "name: other", "name: Other/1", 1), "lower case"},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := read(fstest.MapFS{"relay.yaml": {Data: []byte(c.text)}}, "relay.yaml")
			if c.want == "" {
				if err != nil {
					t.Error(err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) ||
				strings.Contains(err.Error(), "\n") {
				t.Errorf("%v, want one line with %q", err, c.want)
			}
		})
	}
}

// TestOwnArgumentsGoFirst lets the user name his base image and archive.
func TestOwnArgumentsGoFirst(t *testing.T) {
	t.Setenv(argVar+"BASE", "mirror.test/debian:bookworm-slim")
	d := Description{Args: map[string]string{"BASE": "debian:bookworm-slim", "MIRROR": ""}}
	args := d.arguments()
	if *args["BASE"] != "mirror.test/debian:bookworm-slim" || *args["MIRROR"] != "" {
		t.Errorf("arguments %q %q", *args["BASE"], *args["MIRROR"])
	}
	none, err := d.key(fstest.MapFS{"Dockerfile": {Data: []byte("FROM x")}})
	if err != nil {
		t.Fatal(err)
	}
	t.Setenv(argVar+"BASE", "another")
	other, err := d.key(fstest.MapFS{"Dockerfile": {Data: []byte("FROM x")}})
	if err != nil || other == none {
		t.Errorf("another base image has the same key %s, %v", other, err)
	}
}

// TestQueueListings reads what a description's command prints.
func TestQueueListings(t *testing.T) {
	got, err := parseQueue("# a remark\na1 x@s.test y@k.example m-1\na1 x@s.test z@k.example m-1\n\n" +
		"b2 <> x@s.test\nc3 <> x@s.test - 1574128800\n")
	want := []relay.Queued{
		{ID: "a1", Sender: "x@s.test", Recipients: []string{"y@k.example", "z@k.example"},
			MessageID: "m-1"},
		{ID: "b2", Recipients: []string{"x@s.test"}},
		{ID: "c3", Recipients: []string{"x@s.test"},
			Arrived: time.Date(2019, 11, 19, 2, 0, 0, 0, time.UTC)},
	}
	if diff := cmp.Diff(want, got); diff != "" || err != nil {
		t.Errorf("%v\n%s", err, diff)
	}
	for _, bad := range []string{"a1 x@s.test", "a1 x@s.test nobody", "a b c@d e f", "a b c@d e 1 f"} {
		if _, err := parseQueue(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

// TestOwnersOfContainers tells the dead from the living and from strangers.
func TestOwnersOfContainers(t *testing.T) {
	mine, err := owner()
	if err != nil {
		t.Skip(err)
	}
	f := strings.Fields(mine)
	for label, want := range map[string]bool{
		mine:                           false,
		f[0] + " 1 " + f[2]:            true, // another process had the number
		f[0] + " 1 pid:[1]":            false,
		"":                             false,
		"x y " + f[2]:                  false,
		"4194304 " + f[1] + " " + f[2]: true,
	} {
		if got := orphan(label); got != want {
			t.Errorf("the owner %q is gone: %v, want %v", label, got, want)
		}
	}
}

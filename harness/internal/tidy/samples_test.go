package tidy

import (
	"slices"
	"strings"
	"testing"
)

// sample is a file that breaks a rule and its mended twin that does not.
type sample struct {
	rule, path  string
	bad, good   string
	goodPath    string // where the twin lies; empty: at path
	line        int    // of the finding
	mustMention string
}

const header = "// Package x owns a sample.\npackage x\n\n"

func lineOf(n int) string { return strings.Repeat("//\n", n) }

func imported(paths ...string) string {
	return header + "import (\n\t_ \"" + strings.Join(paths, "\"\n\t_ \"") + "\"\n)\n"
}

var samples = []sample{
	{
		rule: "imports", path: "harness/x.go", line: 5, mustMention: "harness must not import",
		bad: imported(module + "/harness/check"), good: imported(module + "/fakes/dnsfake"),
	},
	{
		rule: "imports", path: "harness/x.go", line: 5, mustMention: "harness/relay/postfix",
		bad: imported(module + "/harness/relay/postfix"), good: imported(module + "/harness/relay"),
	},
	{
		rule: "imports", path: "harness/relay/postfix/x.go", line: 5, mustMention: "evidence",
		bad:  imported(module + "/harness/evidence"),
		good: imported(module + "/harness/relay/process"),
	},
	{
		rule: "imports", path: "scenarios/x.go", line: 5, mustMention: "nothing of ours",
		bad: imported(module + "/scenarios/timeline"), good: imported("time"),
	},
	{
		rule: "imports", path: "fakes/smtpfake/x.go", line: 5, mustMention: "scenarios",
		bad: imported(module + "/scenarios"), good: imported(module + "/fakes/certs"),
	},
	{
		rule: "imports", path: "reports/x.go", line: 5, mustMention: "harness",
		bad: imported(module + "/harness"), good: imported(module + "/scenarios/timeline"),
	},
	{
		rule: "imports", path: "harness/novelty/x.go", line: 5, mustMention: "mayImport",
		bad: imported(module + "/scenarios"), good: imported(module + "/harness/check"),
		goodPath: "harness/novelty/x_test.go",
	},
	{
		rule: "doors", path: "harness/x.go", line: 5, mustMention: "harness/link",
		bad:  imported("github.com/Shopify/toxiproxy/v2/toxics"),
		good: imported("github.com/Shopify/toxiproxy/v2/toxics"), goodPath: "harness/link/x.go",
	},
	{
		rule: "doors", path: "harness/check/x.go", line: 5, mustMention: "tests",
		bad:  imported("github.com/emersion/go-smtp"),
		good: imported("github.com/emersion/go-smtp"), goodPath: "fakes/smtpfake/x_test.go",
	},
	{
		rule: "test libraries", path: "harness/check/x.go", line: 5, mustMention: "testing",
		bad: imported("testing"), good: strings.Replace(imported("testing"),
			"package x", "package xtest", 1),
	},
	{
		rule: "test libraries", path: "harness/check/x.go", line: 5, mustMention: "gomega",
		bad:  imported("github.com/onsi/gomega/types"),
		good: imported("github.com/onsi/gomega/types"), goodPath: "harness/matchers/x.go",
	},
	{
		rule: "function length", path: "harness/x.go", line: 5, mustMention: "71 lines",
		bad:  header + "// F is long.\nfunc F() {\n" + lineOf(69) + "}\n",
		good: header + "// F is long.\nfunc F() {\n" + lineOf(68) + "}\n",
	},
	{
		rule: "file length", path: "harness/x.go", line: 501, mustMention: "501 lines",
		bad: header + lineOf(498), good: header + lineOf(497),
	},
	{
		rule: "line length", path: "harness/x.go", line: 4, mustMention: "121 columns",
		bad:  header + "//" + strings.Repeat("é", 119) + "\n",
		good: header + "//" + strings.Repeat("é", 118) + "\n",
	},
	{
		rule: "line length", path: "harness/x.go", line: 4, mustMention: "columns",
		bad:  header + "\t\t//" + strings.Repeat("x", 111) + "\n",
		good: header + "\t\t//" + strings.Repeat("x", 110) + "\n",
	},
	{
		rule: "package names", path: "harness/util/x.go", line: 2, mustMention: "util",
		bad:  "// Package util has a comment.\npackage util\n",
		good: "// Package queue has a comment.\npackage queue\n",
	},
	{
		rule: "package comments", path: "harness/x/x.go", line: 1, mustMention: "package x",
		bad: "package x\n", good: header,
	},
	{
		rule: "package comments", path: "harness/x/x_test.go", line: 1, mustMention: "package x",
		bad: "package x\n", good: header,
	},
	{
		rule: "doc comments", path: "harness/x.go", line: 4, mustMention: "Deliver",
		bad: header + "func Deliver() {}\n", good: header + "// Deliver does.\nfunc Deliver() {}\n",
	},
	{
		rule: "doc comments", path: "harness/x.go", line: 7, mustMention: "Deliver",
		bad:  header + "// T is.\ntype T[K any] int\n\nfunc (T[K]) Deliver() {}\n",
		good: header + "type t[K any] int\n\nfunc (*t[K]) Deliver() {}\n",
	},
	{
		rule: "doc comments", path: "harness/x.go", line: 7, mustMention: "Two",
		bad:  header + "const (\n\t// One is.\n\tOne = 1\n\tTwo = 2\n)\n",
		good: header + "// Some numbers.\nconst (\n\tOne = 1\n\tTwo = 2\n)\n",
	},
	{
		rule: "doc comments", path: "harness/x.go", line: 4, mustMention: "Mail",
		bad: header + "type Mail struct{}\n", good: header + "type mail struct{}\n",
	},
	{
		rule: "init", path: "harness/x.go", line: 4, mustMention: "constructor",
		bad: header + "func init() {}\n", good: header + "type t int\n\nfunc (t) init() {}\n",
	},
	{
		rule: "panic", path: "harness/x.go", line: 5, mustMention: "return an error",
		bad:  header + "func f() {\n\tpanic(1)\n}\n",
		good: header + "func f() {\n\tpanic(1)\n}\n", goodPath: "harness/x_test.go",
	},
	{
		rule: "wall clock", path: "harness/check/x.go", line: 6, mustMention: "time.Now",
		bad:  header + "import \"time\"\n\nvar _ = time.Now()\n",
		good: header + "import \"time\"\n\nvar _ = time.Now()\n", goodPath: "harness/x.go",
	},
	{
		rule: "wall clock", path: "scenarios/timeline/x.go", line: 6, mustMention: "time.Since",
		bad:  header + "import clock \"time\"\n\nvar _ = clock.Since(clock.Time{})\n",
		good: header + "import clock \"time\"\n\nvar _ = clock.UTC\n",
	},
	{
		rule: "randomness", path: "harness/x_test.go", line: 6, mustMention: "rand.IntN",
		bad:  header + "import \"math/rand/v2\"\n\nvar _ = rand.IntN(6)\n",
		good: header + "import \"math/rand/v2\"\n\nvar _ = rand.New(rand.NewPCG(1, 2)).IntN(6)\n",
	},
	{
		rule: "randomness", path: "harness/x.go", line: 5, mustMention: "math/rand/v2",
		bad: imported("math/rand"), good: imported("math/rand/v2"),
	},
	{
		rule: "randomness", path: "harness/x.go", line: 4, mustMention: "dot import",
		bad: header + "import . \"math/rand/v2\"\n", good: imported("math/rand/v2"),
	},
	{
		rule: "exits", path: "cmd/hansei/run.go", line: 6, mustMention: "os.Exit",
		bad:  header + "import \"os\"\n\nfunc f() { os.Exit(1) }\n",
		good: header + "import \"os\"\n\nfunc f() { os.Exit(1) }\n", goodPath: "cmd/hansei/main.go",
	},
	{
		rule: "exits", path: "harness/x.go", line: 6, mustMention: "log.Fatalf",
		bad:  header + "import \"log\"\n\nfunc f() { log.Fatalf(\"\") }\n",
		good: header + "import \"log\"\n\nfunc f() { log.Printf(\"\") }\n",
	},
	{
		rule: "listening", path: "fakes/dnsfake/x.go", line: 6, mustMention: "argument",
		bad:  header + "import \"net\"\n\nvar _, _ = net.ListenPacket(\"udp\", \"\")\n",
		good: header + "import \"net\"\n\nvar _ net.Listener\n",
	},
	{
		rule: "sleeping", path: "harness/x_test.go", line: 6, mustMention: "synctest",
		bad:  header + "import \"time\"\n\nfunc f() { time.Sleep(1) }\n",
		good: header + "import (\n\t\"time\"\n\t_ \"testing/synctest\"\n)\n\nfunc f() { time.Sleep(1) }\n",
	},
	{
		rule: "sleeping", path: "harness/x.go", line: 6, mustMention: "channel",
		bad: header + "import \"time\"\n\nvar sleep = time.Sleep\n",
		good: header + "import \"time\"\n\ntype t struct{ Sleep func() }\n\n" +
			"func f(time t) { time.Sleep() }\n\nvar _ time.Time\n",
	},
	{
		rule: "error words", path: "harness/x.go", line: 6, mustMention: "what was being done",
		bad:  header + "import \"errors\"\n\nvar _ = errors.New(\"Failed \" + \"to read\")\n",
		good: header + "import \"errors\"\n\nvar _ = errors.New(\"reading the queue\")\n",
	},
	{
		rule: "top level", path: "tools/x.sh", line: 0, mustMention: "tools has no place",
		bad: "true\n", good: "true\n", goodPath: ".ci/x.sh",
	},
	{
		rule: "words", path: "README.md", line: 2, mustMention: "one machine",
		bad:  "# hansei\nsee \"/wo" + "rk/main\"\n",
		good: "# hansei\nsee net" + "/wo" + "rk/main and /wo" + "rkers\n",
	},
	{
		rule: "words", path: "harness/testdata/x.txt", line: 1, mustMention: "home folder",
		bad: "/ho" + "me/somebody/go\n", good: "~/go\n",
	},
	{
		rule: "words", path: "Makefile", line: 1, mustMention: "environment",
		bad: "export HTTPS_PRO" + "XY=http://10.0.0.1:3128\n", good: "export CGO_ENABLED=0\n",
	},
	{
		rule: "readme", path: "README.md", line: 121, mustMention: "121 lines",
		bad: strings.Repeat("\n", 121), good: strings.Repeat("\n", 120),
	},
	{
		rule: "replace", path: "go.mod", line: 3, mustMention: "go install",
		bad: "module x\n\nreplace a => ../a\n", good: "module x\n\nrequire a v1.0.0\n",
	},
	{
		rule: "syntax", path: "harness/x.go", line: 0, mustMention: "parsed",
		bad: "package\n", good: header,
	},
}

func findings(path, text, rule string) []Finding {
	return slices.DeleteFunc(Check([]File{{path, text}}), func(f Finding) bool {
		return f.Rule != rule || rule == "top level" && f.Path != path
	})
}

func TestRulesFindWhatTheyAreFor(t *testing.T) {
	for _, s := range samples {
		t.Run(s.rule+" "+s.mustMention, func(t *testing.T) {
			got := findings(s.path, s.bad, s.rule)
			if len(got) != 1 {
				t.Fatalf("found %v in\n%s", got, s.bad)
			}
			if got[0].Line != s.line || !strings.Contains(got[0].Cure, s.mustMention) {
				t.Errorf("found %v, want line %d and %q", got[0], s.line, s.mustMention)
			}
			path := s.goodPath
			if path == "" {
				path = s.path
			}
			if got := findings(path, s.good, s.rule); len(got) != 0 {
				t.Errorf("found %v in\n%s", got, s.good)
			}
		})
	}
}

func TestEveryRuleIsSeenToFail(t *testing.T) {
	for _, rule := range rules {
		if !slices.ContainsFunc(samples, func(s sample) bool { return s.rule == rule.name }) {
			t.Errorf("no sample breaks the rule %q", rule.name)
		}
	}
}

func TestMissingTopLevelIsTold(t *testing.T) {
	for _, f := range Check([]File{{"go.mod", ""}}) {
		if f.Rule == "top level" && f.Path == "README.md" {
			return
		}
	}
	t.Error("a missing README went unnoticed")
}

func TestFindingsReadLikeACompilers(t *testing.T) {
	got := Finding{"harness/x.go", 7, "panic", "return an error"}.String()
	if want := "harness/x.go:7: panic: return an error"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

package reports

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
)

// The elements of JUnit's XML that CI servers read (the schema of the Jenkins
// xunit plugin, junit-10, which others follow; it has no skipped on testsuites).
type (
	suites struct {
		XMLName  xml.Name `xml:"testsuites"`
		Name     string   `xml:"name,attr"`
		Tests    int      `xml:"tests,attr"`
		Failures int      `xml:"failures,attr"`
		Errors   int      `xml:"errors,attr"`
		Time     string   `xml:"time,attr"`
		Suites   []suite  `xml:"testsuite"`
	}
	suite struct {
		Name       string      `xml:"name,attr"`
		Tests      int         `xml:"tests,attr"`
		Failures   int         `xml:"failures,attr"`
		Errors     int         `xml:"errors,attr"`
		Skipped    int         `xml:"skipped,attr"`
		Time       string      `xml:"time,attr"`
		Timestamp  string      `xml:"timestamp,attr"`
		Properties *properties `xml:"properties"`
		Cases      []testcase  `xml:"testcase"`
		Out        *cdata      `xml:"system-out"`
	}
	properties struct {
		List []property `xml:"property"`
	}
	property struct {
		Name  string `xml:"name,attr"`
		Value string `xml:"value,attr"`
	}
	testcase struct {
		Class   string  `xml:"classname,attr"`
		Name    string  `xml:"name,attr"`
		Time    string  `xml:"time,attr"`
		Failure *detail `xml:"failure"`
		Error   *detail `xml:"error"`
		Skipped *detail `xml:"skipped"`
		Out     *cdata  `xml:"system-out"`
	}
	detail struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",cdata"`
	}
	cdata struct {
		Text string `xml:",cdata"`
	}
)

// JUnit tells the judgement to a CI server: a suite for the scenario and relay,
// and a test case for each promise. A broken promise is a failure, an
// inconclusive one an error, one that the scenario does not ask is skipped.
func JUnit(w io.Writer, in Input) error {
	return writeSuites(w, []suite{in.suite()})
}

// suite is one run.
func (in Input) suite() suite {
	s := suite{
		Name:       Escape(in.Name() + " × " + in.Run.Relay),
		Time:       seconds(in.Run.Wall),
		Timestamp:  in.Run.Started.UTC().Format("2006-01-02T15:04:05"),
		Properties: &properties{in.properties()},
		Out:        &cdata{in.junitPremises()},
	}
	for _, v := range in.Judgement.Verdicts {
		s.add(in.testcase(v))
	}
	return s
}

// add counts a case by how it came out.
func (s *suite) add(c testcase) {
	s.Tests++
	switch {
	case c.Failure != nil:
		s.Failures++
	case c.Error != nil:
		s.Errors++
	case c.Skipped != nil:
		s.Skipped++
	}
	s.Cases = append(s.Cases, c)
}

// writeSuites writes a document of several suites.
func writeSuites(w io.Writer, list []suite) error {
	all := suites{Name: "hansei", Suites: list}
	total := 0.0
	for _, s := range list {
		all.Tests += s.Tests
		all.Failures += s.Failures
		all.Errors += s.Errors
		if n, err := strconv.ParseFloat(s.Time, 64); err == nil {
			total += n
		}
	}
	all.Time = strconv.FormatFloat(total, 'f', 3, 64)
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(all); err != nil {
		return fmt.Errorf("writing JUnit: %w", err)
	}
	_, err := io.WriteString(w, "\n")
	return err
}

// testcase is one promise. Its time is nothing: all promises are read from the
// same run, whose length is the suite's.
func (in Input) testcase(v check.Verdict) testcase {
	c := testcase{
		Class: Escape("hansei." + strings.ReplaceAll(in.Name(), "/", ".") + "." + in.Run.Relay),
		Name:  Escape(v.Promise), Time: "0",
	}
	switch {
	case !v.Asked || v.Waived:
		c.Skipped = &detail{Message: Escape(v.Reason)}
	case v.Outcome == check.Pass:
		c.Out = &cdata{Escape(v.Figure)}
	case v.Outcome == check.Fail:
		c.Failure = &detail{Escape(headline(v)), "fail", in.account(v)}
	default:
		c.Error = &detail{Escape(headline(v)), "inconclusive", in.account(v)}
	}
	return c
}

// headline is figure and reason in one line.
func headline(v check.Verdict) string {
	reason := Because(v)
	if reason == "" || v.Figure == "" {
		return v.Figure + reason
	}
	return v.Figure + ": " + reason
}

// account is what a person needs who sees nothing but the CI server's page.
func (in Input) account(v check.Verdict) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", Escape(headline(v)))
	for _, w := range v.Witnesses {
		fmt.Fprintf(&b, "witness: %s\n", Escape(strings.TrimSpace(w.Msg+" "+w.Recipient+" "+w.What)))
		if w.Msg != "" {
			fmt.Fprintf(&b, "  %s\n", in.explain(w.Msg))
		}
	}
	fmt.Fprintf(&b, "repeat: %s\n", Escape(in.Run.Command))
	return b.String()
}

func (in Input) properties() []property {
	list := []property{
		{"outcome", in.Judgement.Outcome.String()},
		{"hansei", Escape(in.Run.Version)},
		{"relay", Escape(strings.TrimSpace(in.Run.Relay + " " + in.Run.RelayVersion))},
		{"seed", fmt.Sprint(in.Run.Seed)},
		{"scale", fmt.Sprint(in.Run.Scale)},
		{"clock", Escape(in.Run.Clock)},
		{"ended", Escape(in.Run.Ended)},
		{"command", Escape(in.Run.Command)},
	}
	if words := in.Scenario.GapWords(); words != "" {
		list = append(list, property{"left_out", Escape(words)})
	}
	return list
}

// junitPremises lists the premises, because they explain the errors.
func (in Input) junitPremises() string {
	var b strings.Builder
	for _, p := range in.Judgement.Premises {
		word := "holds"
		if !p.Held {
			word = "does not hold"
		}
		fmt.Fprintf(&b, "premise %s %s: %s\n", Escape(p.Name), word,
			Escape(strings.TrimSpace(p.Figure+" "+p.Reason)))
	}
	return b.String()
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.3f", d.Seconds()) }

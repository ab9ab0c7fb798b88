package reports

import (
	"bytes"
	_ "embed" // what a live page has instead of verdicts
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/chart"
)

//go:embed pagefiles/live.html
var liveHTML string

// Moment is what can be said of a run while it goes on. Counts are from the
// start; pairs are as in check.Figures.
type Moment struct {
	Now           time.Duration // scenario time since the start
	Elapsed, Left time.Duration // wall
	Phase         string
	Rate          float64
	Offered       int64
	Accepted      int64
	Waiting       int64
	Done          int64
	Spare         int64
	Faults        int64
	Paused        bool
	// Over says that the run has ended and is being judged.
	Over bool
}

// liveBins is how many bins a live picture has.
const liveBins = 156

// Live is the page of a run that goes on: what the finished page draws, from what
// is known so far. It is not safe for use at the same time.
type Live struct {
	in    Input
	last  Moment
	begun bool
}

// NewLive begins a live page. Figures of in's judgement need Start, Zone, Length,
// Outage and Heal, as the plan says.
func NewLive(in Input) *Live {
	f := &in.Judgement.Figures
	f.Bin = max(time.Second, (f.Length / liveBins).Truncate(time.Second))
	f.Bins = make([]check.Bin, int((f.Length+f.Bin-1)/f.Bin))
	for i := range f.Bins {
		f.Bins[i].T = time.Duration(i) * f.Bin
	}
	return &Live{in: in}
}

// Add takes in where the run is.
func (l *Live) Add(m Moment) {
	f := &l.in.Judgement.Figures
	at := func(t time.Duration) int { return max(0, min(len(f.Bins)-1, int(t/f.Bin))) }
	if len(f.Bins) == 0 {
		l.last = m
		return
	}
	i, from := at(m.Now), at(l.last.Now)
	b := &f.Bins[i]
	b.Accepted += int(m.Accepted - l.last.Accepted)
	b.Delivered += int(m.Done - l.last.Done)
	b.Spare += int(m.Spare - l.last.Spare)
	b.Failed += int(m.Faults - l.last.Faults)
	for j := from + 1; j <= i; j++ {
		f.Bins[j].Affected = int(m.Waiting)
	}
	b.Affected, f.End = int(m.Waiting), m.Now
	if n := int(m.Waiting); n > f.Backlog.Peak {
		f.Backlog.Peak, f.Backlog.At = n, m.Now
	}
	l.last, l.begun = m, true
}

// livePage is what the live template reads besides the page's own.
type livePage struct {
	web
	Nonce   string
	Picture template.HTML
	Numbers []fact
	Along   int
}

// Page is the whole page; nonce names its one script to the browser.
func (l *Live) Page(nonce string) ([]byte, error) {
	page, err := pageTemplate(l.in.Lang)
	if err != nil {
		return nil, err
	}
	if page, err = page.Parse(liveHTML); err != nil {
		return nil, fmt.Errorf("reading the live page's template: %w", err)
	}
	w := l.in.web()
	w.Policy = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; connect-src 'self'; " +
		"script-src 'nonce-" + nonce + "'"
	w.Word, w.Outcome, w.Contents = l.in.Lang.say("RUNNING"), "running", nil
	w.Facts = l.in.Lang.say("The run goes on; this page follows it.")
	var b bytes.Buffer
	p := livePage{web: w, Nonce: nonce, Picture: l.picture(), Numbers: l.numbers(), Along: l.along()}
	if err := page.Execute(&b, p); err != nil {
		return nil, fmt.Errorf("making the live page: %w", err)
	}
	return b.Bytes(), nil
}

// update is one message to a page that is open.
type update struct {
	Numbers map[string]string `json:"numbers"`
	Along   int               `json:"along"`
	Picture string            `json:"picture"`
	Paused  bool              `json:"paused"`
	Over    bool              `json:"over"`
}

// Update is what changed, for a page that is open.
func (l *Live) Update() ([]byte, error) {
	u := update{
		Numbers: map[string]string{}, Along: l.along(), Picture: string(l.picture()),
		Paused: l.last.Paused, Over: l.last.Over,
	}
	for _, n := range l.numbers() {
		u.Numbers[n.Name] = n.Value
	}
	data, err := json.Marshal(u)
	if err != nil {
		return nil, fmt.Errorf("making an update: %w", err)
	}
	return data, nil
}

// along is how many thousandths of the scenario are over.
func (l *Live) along() int {
	if length := l.in.Judgement.Figures.Length; length > 0 {
		return int(max(0, min(1000, 1000*l.last.Now/length)))
	}
	return 0
}

func (l *Live) numbers() []fact {
	m, lang := l.last, l.in.Lang
	rate := fmt.Sprintf("%.0f×", m.Rate)
	if m.Paused {
		rate = lang.say("paused")
	}
	return []fact{
		{lang.say("scenario clock"), l.in.moment(m.Now).Format("15:04:05")},
		{lang.say("phase"), lang.say(dash(Escape(m.Phase)))},
		{lang.say("rate"), rate},
		{lang.say("waiting"), Count(m.Waiting)},
		{lang.say("accepted"), Count(m.Accepted)},
		{lang.say("done"), Count(m.Done)},
		{lang.say("spare copies"), Count(m.Spare)},
		{lang.say("faults felt"), Count(m.Faults)},
		{lang.say("time left"), Span(max(0, m.Left).Round(time.Second))},
	}
}

// picture are the charts as they stand.
func (l *Live) picture() template.HTML {
	lang := l.in.Lang
	p := newPicture(l.in, l.in.whole(), "p")
	figures := []figure{p.backlog(lang.say("Backlog"))}
	if f, ok := p.faults(); ok {
		figures = append(figures, f)
	}
	figures = append(figures, p.flows(lang.say("Accepted, delivered and copied")),
		p.dead(lang.say("Faults felt")))
	figures[0].Chart.Series[0].Name = lang.say("all cohorts")
	figures[0].Caption, figures[len(figures)-1].Caption = "", ""
	figures[len(figures)-1].Chart.Series[0].Name = lang.say("faults felt")
	var b strings.Builder
	for _, f := range figures {
		f.Chart.Bands = append(f.Chart.Bands, chart.Band{
			From: l.last.Now.Seconds(), Until: l.last.Now.Seconds(), Text: lang.say("now"),
		})
		for i := range f.Chart.Series {
			l.untilNow(&f.Chart.Series[i])
		}
		shown := f.show()
		fmt.Fprintf(&b, `<figure><figcaption><h3>%s</h3><ul class="legend">`,
			template.HTMLEscapeString(shown.Title))
		for _, s := range shown.Legend {
			fmt.Fprintf(&b, "<li>%s %s</li>", s.Swatch, template.HTMLEscapeString(s.Name))
		}
		fmt.Fprintf(&b, "</ul></figcaption>%s</figure>", shown.SVG)
	}
	return template.HTML(b.String()) //nolint:gosec // made by package chart
}

// untilNow leaves out what has not come yet.
func (l *Live) untilNow(s *chart.Series) {
	n := 0
	for n < len(s.X) && s.X[n] <= (l.last.Now+l.in.Judgement.Figures.Bin).Seconds() {
		n++
	}
	s.X, s.Y = s.X[:n], s.Y[:n]
	if s.Base != nil {
		s.Base = s.Base[:n]
	}
}

package reports

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/reports/course"
)

// parts are the sections with pictures and tables.
func (in Input) parts() []part {
	lang := in.Lang
	parts := []part{{
		ID: "picture", Title: lang.say("The picture"),
		Said:    lang.say("Shaded: the outage. All charts share the time of the incident."),
		Figures: show(in.picture()), Tables: in.cohorts(),
	}}
	if in.Course != nil && in.Course.Drain.Bins() > 0 {
		p := newPicture(in, in.Course.Drain, "z")
		parts = append(parts, part{
			ID: "drain", Title: lang.say("The drain, close up"), Said: in.drainWords(),
			Figures: show([]figure{
				p.backlog(lang.say("Backlog after the heal")),
				p.flows(lang.say("Accepted, delivered and copied after the heal")),
				p.dead(lang.say("Attempts in vain after the heal")),
			}),
		})
	}
	parts = append(parts, in.timesPart())
	parts = append(parts, in.mailPart())
	if rate, ok := newPicture(in, in.whole(), "p").clockRate(); ok {
		parts = append(parts, part{
			ID: "clock", Title: lang.say("The clock"), Figures: show([]figure{rate}),
		})
	}
	return parts
}

// picture is the picture: the charts over the whole run.
func (in Input) picture() []figure {
	lang := in.Lang
	p := newPicture(in, in.whole(), "p")
	figures := []figure{p.backlog(lang.say("Backlog of the affected cohorts"))}
	if f, ok := p.faults(); ok {
		figures = append(figures, f)
	}
	figures = append(figures, p.flows(lang.say("Accepted, delivered and copied")))
	if f, ok := p.oldest(); ok {
		figures = append(figures, f)
	}
	return append(figures, p.dead(lang.say("Attempts in vain")))
}

func show(figures []figure) []webFigure {
	shown := make([]webFigure, len(figures))
	for i, f := range figures {
		shown[i] = f.show()
	}
	return shown
}

// drainWords say how the backlog went away.
func (in Input) drainWords() string {
	f := in.Judgement.Figures
	if f.Drain.Left > 0 {
		return in.Lang.sayf("%s of the %s pairs that waited at the heal still waited at the end.",
			number(f.Drain.Left), number(f.Drain.Pairs))
	}
	return in.Lang.sayf("%s pairs waited at the heal; the last was delivered %s after it, at %s.",
		number(f.Drain.Pairs), Span(f.Drain.Took), in.clock(f.Heal+f.Drain.Took))
}

// cohorts is the table of what each cohort went through.
func (in Input) cohorts() []webTable {
	if in.Course == nil {
		return nil
	}
	lang := in.Lang
	t := webTable{Title: lang.say("Each cohort"), Head: []string{
		lang.say("cohort"), lang.say("in the incident"), lang.say("accepted"),
		lang.say("delivered"), lang.say("spare copies"), lang.say("most waiting"),
		lang.say("oldest waited"),
	}}
	total := func(counts []int) int {
		sum := 0
		for _, n := range counts {
			sum += n
		}
		return sum
	}
	for _, c := range in.Course.Whole.Cohorts {
		role := "–"
		switch {
		case c.Affected:
			role = lang.say("affected")
		case c.Control:
			role = lang.say("control")
		}
		t.Rows = append(t.Rows, []string{
			plainText(c.Name), role, number(total(c.Accepted)), number(total(c.Delivered)),
			number(total(c.Spare)), number(slices.Max(append(c.Backlog, 0))),
			Span(slices.Max(append(c.Oldest, 0))),
		})
	}
	return []webTable{t}
}

// timesPart is how long things took, before, during and after.
func (in Input) timesPart() part {
	lang := in.Lang
	p := part{ID: "times", Title: lang.say("How long things took")}
	if in.Course != nil {
		for _, s := range []struct {
			id, title string
			spreads   []course.Spread
		}{
			{"la", "From due to accepted", in.Course.Acceptance},
			{"ld", "From accepted to delivered", in.Course.Delivery},
			{"ls", "From accepted to the spare copy", in.Course.Spare},
		} {
			if f, ok := in.spreads(s.id, lang.say(s.title), s.spreads); ok {
				p.Figures = append(p.Figures, f.show())
			}
		}
	}
	t := webTable{
		Title: lang.say("Phases, by the moment a message was due"),
		Said:  lang.say("Times are p50 / p99 of scenario time."),
		Head: []string{
			lang.say("phase"), lang.say("from–until"), lang.say("offered"),
			lang.say("at first try"), lang.say("to accept"), lang.say("to deliver"),
			lang.say("spare copy"),
		},
	}
	for _, ph := range in.Judgement.Figures.Phases {
		t.Rows = append(t.Rows, []string{
			lang.say(plainText(ph.Name)), in.clock(ph.From) + "–" + in.clock(ph.Until),
			number(ph.Offered), share(ph.First, ph.Offered), latency(ph.Acceptance),
			latency(ph.Delivery), latency(ph.Spare),
		})
	}
	p.Tables = []webTable{t}
	return p
}

// mailPart is what became of the mail, and what was answered.
func (in Input) mailPart() part {
	lang, f := in.Lang, in.Judgement.Figures
	count := func(name string, n, of int) []string {
		return []string{lang.say(name), number(n), percent(n, of)}
	}
	fates := webTable{
		Title: lang.say("The fate of every pair"),
		Said:  lang.say("A pair is one recipient of one message."),
		Head:  []string{lang.say("fate"), lang.say("pairs"), lang.say("share")},
		Rows: [][]string{
			count("accepted", f.Pairs, f.Pairs), count("delivered", f.Delivered, f.Pairs),
			count("bounced", f.Bounced, f.Pairs), count("queued", f.Queued, f.Pairs),
			count("lost", f.Lost, f.Pairs), count("unaccounted", f.Unaccounted, f.Pairs),
			count("spare copies", f.Spare, f.SpareDue),
			count("second deliveries, unexplained", f.Duplicates, f.Pairs),
			count("second deliveries, explained", f.Explained, f.Pairs),
		},
	}
	messages := webTable{
		Title: lang.say("Messages"), Head: []string{lang.say("messages"), lang.say("count"),
			lang.say("share")},
		Rows: [][]string{
			count("offered", f.Offered, f.Offered), count("accepted", f.Accepted, f.Offered),
			count("refused", f.Refused, f.Offered), count("never answered", f.Unknown, f.Offered),
			count("more, that had to be filtered", f.Dirty, f.Offered),
		},
	}
	p := part{ID: "mail", Title: lang.say("The mail"), Tables: []webTable{fates, messages}}
	if in.Course != nil {
		p.Tables = append(p.Tables, in.replies(), in.frontEnds())
	}
	return p
}

func (in Input) replies() webTable {
	lang := in.Lang
	t := webTable{Title: lang.say("Replies by code"), Head: []string{
		lang.say("who answered"), lang.say("code"), lang.say("stage"), lang.say("fault"),
		lang.say("count"), lang.say("first such reply"),
	}}
	for _, r := range in.Course.Replies {
		code := fmt.Sprint(r.Code)
		if r.Code == 0 {
			code = lang.say("none")
		}
		t.Rows = append(t.Rows, []string{
			plainText(r.By), code, plainText(dash(r.Stage)), plainText(dash(r.Fault)),
			number(r.Count), short(r.Sample),
		})
	}
	return t
}

func (in Input) frontEnds() webTable {
	lang := in.Lang
	t := webTable{Title: lang.say("Front ends"), Head: []string{
		lang.say("endpoint"), lang.say("address"), lang.say("serves"), lang.say("taken"),
		lang.say("in vain"), lang.say("faults felt"),
	}}
	for _, f := range in.Course.FrontEnds {
		var faults []string
		for _, name := range slices.Sorted(maps.Keys(f.Faults)) {
			faults = append(faults, fmt.Sprintf("%s × %s", plainText(name), number(f.Faults[name])))
		}
		t.Rows = append(t.Rows, []string{
			plainText(f.Endpoint), plainText(f.Address), dash(plainText(strings.Join(f.Cohorts, ", "))),
			number(f.Taken), number(f.Failed), dash(strings.Join(faults, ", ")),
		})
	}
	return t
}

func dash(s string) string {
	if s == "" {
		return "–"
	}
	return s
}

// short is a text for a cell of a table.
func short(s string) string {
	return dash(cut(plainText(s), 90, "…"))
}

// stamp is a moment with its day.
func (in Input) stamp(t time.Duration) string {
	return in.moment(t).Format("2006-01-02 15:04:05.000")
}

package reports

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
	"strings"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/chart"
)

// web is the whole page as data.
func (in Input) web() web {
	j, lang := in.Judgement, in.Lang
	w := web{
		Tag: lang.tag(), Word: lang.say(strings.ToUpper(j.Outcome.String())), Policy: policy,
		Name: plainText(in.Name()), Relay: in.relayName(), Title: plainText(in.Scenario.Title),
		Seed: in.Run.Seed, Scale: in.Run.Scale, Outcome: j.Outcome.String(),
		Sign: sign(j.Outcome), Kept: in.keptWords(), CSS: template.CSS(chart.CSS + pageCSS),
		Command: plainText(in.Run.Command), Version: plainText(in.Run.Version),
		Zone: in.moment(0).Format("MST") + ", " + in.moment(0).Format("2006-01-02"),
	}
	w.Facts = lang.sayf("%s of scenario time in %s", Span(j.Figures.End), Span(in.Run.Wall))
	if in.Run.Clock != "" {
		w.Facts += " · " + lang.say("clock") + " " + plainText(in.Run.Clock)
	}
	if words := in.Scenario.GapWords(); words != "" {
		w.Facts += " · " + plainText(words)
	}
	in.findings(&w)
	w.Parts = in.parts()
	w.Witnesses = in.witnesses()
	w.Manifest = in.manifest()
	for _, name := range slices.Sorted(maps.Keys(in.Run.Settings)) {
		w.Settings = append(w.Settings, fact{plainText(name), plainText(in.Run.Settings[name])})
	}
	w.Changes = plainTexts(in.Run.Changes)
	w.Contents = in.contents(w)
	return w
}

func sign(o check.Outcome) string {
	switch o {
	case check.Pass:
		return "✓"
	case check.Fail:
		return "✗"
	}
	return "?"
}

// tally counts the promises that were asked by how they came out.
func (in Input) tally() (asked, kept, broken, open, waived int) {
	for _, v := range in.Judgement.Verdicts {
		if !v.Asked {
			continue
		}
		if v.Waived {
			waived++
			continue
		}
		asked++
		switch v.Outcome {
		case check.Pass:
			kept++
		case check.Fail:
			broken++
		default:
			open++
		}
	}
	return asked, kept, broken, open, waived
}

// keptWords is the verdict in a line.
func (in Input) keptWords() string {
	lang := in.Lang
	asked, kept, broken, open, waived := in.tally()
	words := lang.sayf("%d of %d promises kept", kept, asked)
	if broken > 0 {
		words += lang.sayf(", %d broken", broken)
	}
	if open > 0 {
		words += lang.sayf(", %d inconclusive", open)
	}
	if waived > 0 {
		words += lang.sayf(", %d not tested", waived)
	}
	words += foreseenWords(in.Judgement, lang.sayf)
	if in.Run.Ended != "" && in.Run.Ended != "settled" {
		words += lang.sayf("; the run ended as: %s", plainText(in.Run.Ended))
	}
	return words
}

func (in Input) findings(w *web) {
	lang := in.Lang
	var not []string
	for _, v := range in.Judgement.Verdicts {
		if !v.Asked {
			not = append(not, plainText(v.Promise))
			continue
		}
		f := finding{
			Class: v.Outcome.String(), Sign: sign(v.Outcome), Word: lang.say(v.Outcome.String()),
			Name: plainText(v.Promise), Figure: plainText(v.Figure), Reason: plainText(Because(v)),
			Witnesses: len(v.Witnesses) > 0,
		}
		if lang == Japanese {
			f.Gloss = japanesePromises[v.Promise]
		}
		w.Promises = append(w.Promises, f)
	}
	w.NotAsked = strings.Join(not, ", ")
	held := 0
	for _, p := range in.Judgement.Premises {
		f := finding{
			Class: "pass", Sign: "✓", Word: lang.say("holds"), Name: plainText(p.Name),
			Figure: plainText(p.Figure), Reason: plainText(p.Reason),
		}
		if p.Held {
			held++
		} else {
			f.Class, f.Sign, f.Word = "inconclusive", "?", lang.say("does not hold")
			w.PremisesBroken = true
		}
		w.Premises = append(w.Premises, f)
	}
	w.PremisesSaid = lang.sayf("%d of %d hold.", held, len(in.Judgement.Premises))
}

// contents links the sections.
func (in Input) contents(w web) []link {
	lang := in.Lang
	links := []link{{"promises", lang.say("Promises")}, {"premises", lang.say("Premises")}}
	for _, p := range w.Parts {
		links = append(links, link{p.ID, p.Title})
	}
	if len(w.Witnesses) > 0 {
		links = append(links, link{"witnesses", lang.say("Witnesses")})
	}
	return append(links, link{"run", lang.say("The run")})
}

func (in Input) manifest() []fact {
	lang, r := in.Lang, in.Run
	all := []fact{
		{lang.say("relay"), in.relayName()},
		{lang.say("started"), r.Started.UTC().Format("2006-01-02 15:04:05") + " UTC"},
		{lang.say("took"), Span(r.Wall)},
		{lang.say("ended"), plainText(r.Ended)},
		{lang.say("clock"), plainText(r.Clock)},
		{lang.say("machine"), plainText(r.Host)},
		{lang.say("hansei"), plainText(r.Version)},
		{lang.say("run folder"), plainText(r.Folder)},
	}
	return slices.DeleteFunc(all, func(f fact) bool { return f.Value == "" })
}

// number is a count for a table.
func number(n int) string { return Count(int64(n)) }

func percent(part, of int) string {
	if of == 0 {
		return "–"
	}
	return fmt.Sprintf("%.1f %%", 100*float64(part)/float64(of))
}

package reports

import "strings"

// witnesses names the messages that show why a promise was broken, each with
// the command that tells its whole story.
func (p *page) witnesses() {
	begun := false
	for _, v := range p.in.Judgement.Verdicts {
		if !v.Asked || len(v.Witnesses) == 0 {
			continue
		}
		if !begun {
			p.section("Witnesses")
			begun = true
		}
		p.line("  ", Escape(v.Promise))
		for i, w := range v.Witnesses {
			who := strings.TrimSpace(w.Msg + " " + w.Recipient)
			p.para(4, strings.TrimSpace(who+"  "+w.What))
			last := i == len(v.Witnesses)-1 || v.Witnesses[i+1].Msg != w.Msg
			if w.Msg != "" && last {
				p.line("      ", p.style.paint(faint, p.in.explain(w.Msg)))
			}
		}
	}
}

// explain is the command line that tells a message's story.
func (in Input) explain(msg string) string {
	folder := in.Run.Folder
	if folder == "" {
		folder = "latest"
	}
	return "hansei explain " + Escape(folder) + " " + Escape(msg)
}

package reports

import (
	"fmt"
	"strings"
)

type (
	witnesses struct {
		Promise string
		Each    []witness
	}
	witness struct {
		Who, What, Command, Cut string
		Story                   []storyLine
	}
	storyLine struct{ Class, Time, Actor, What string }
)

// maxStory bounds how many lines of one story a page tells; a message that is
// tried every minute for days has thousands.
const maxStory = 200

// Stories are the ids of the messages whose story a page tells.
func (in Input) Stories() []string {
	var ids []string
	for _, v := range in.Judgement.Verdicts {
		for _, w := range v.Witnesses {
			if v.Asked && w.Msg != "" {
				ids = append(ids, w.Msg)
			}
		}
	}
	return ids
}

// witnesses are those of every promise that was asked, with their stories.
func (in Input) witnesses() []witnesses {
	var all []witnesses
	for _, v := range in.Judgement.Verdicts {
		if !v.Asked || len(v.Witnesses) == 0 {
			continue
		}
		group := witnesses{Promise: plainText(v.Promise)}
		for _, w := range v.Witnesses {
			x := witness{
				Who: plainText(strings.TrimSpace(w.Msg + " " + w.Recipient)), What: plainText(w.What),
			}
			if w.Msg != "" && in.Course != nil {
				x.Command = plainText(in.explain(w.Msg))
				x.Story, x.Cut = in.story(w.Msg)
			}
			group.Each = append(group.Each, x)
		}
		all = append(all, group)
	}
	return all
}

// story is one message's, its middle left out where it is endless.
func (in Input) story(msg string) (lines []storyLine, cut string) {
	all := in.Course.Stories[msg]
	for i, l := range all {
		if len(all) > maxStory && i >= maxStory/2 && i < len(all)-maxStory/2 {
			continue
		}
		class := "seen"
		if l.Actor == "ledger" {
			class = "ledger"
		}
		lines = append(lines, storyLine{
			Class: class, Time: in.stamp(l.T), Actor: plainText(l.Actor), What: plainText(l.What),
		})
	}
	if n := len(all) - len(lines); n > 0 {
		cut = fmt.Sprint(in.Lang.sayf("%s lines in the middle are left out.", number(n)))
	}
	return lines, cut
}

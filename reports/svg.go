package reports

import (
	"fmt"
	"io"
	"strings"

	"github.com/hansei-mail/hansei/reports/chart"
)

// SVG tells the run as one picture in a file of its own, for slides and READMEs.
func SVG(w io.Writer, in Input) error {
	var charts []chart.Chart
	for _, f := range in.picture() {
		charts = append(charts, f.Chart)
	}
	head := chart.Heading{
		Title: plainText(in.Name()) + " × " + in.relayName(),
		Said:  strings.ToUpper(in.Lang.say(in.Judgement.Outcome.String())) + ": " + in.keptWords(),
		Desc:  plainText(in.Scenario.Title),
	}
	if _, err := io.WriteString(w, chart.Sheet(head, charts)); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

package reports

import (
	"fmt"
	"io"

	"github.com/hansei-mail/hansei/reports/chart"
)

// SVG tells the run as one picture in a file of its own, for slides and READMEs.
func SVG(w io.Writer, in Input) error {
	var charts []chart.Chart
	for _, f := range in.picture() {
		charts = append(charts, f.Chart)
	}
	title := plainText(in.Name()) + " × " + in.relayName() + ": " +
		in.Lang.say(in.Judgement.Outcome.String()) + ", " + in.keptWords()
	if _, err := io.WriteString(w, chart.Sheet(title, plainText(in.Scenario.Title), charts)); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

package check

import (
	"encoding/json"
	"fmt"
	"io"
)

// Judgement is all that was found in the evidence of one run; verdicts.json
// holds it.
type Judgement struct {
	Outcome Outcome `json:"outcome"`
	// Verdicts has one entry for each name of scenarios.PromiseNames, in that
	// order, whether the scenario asks for it or not.
	Verdicts []Verdict `json:"verdicts"`
	// Premises are what must hold before a promise means anything.
	Premises []Premise `json:"premises"`
	Figures  Figures   `json:"figures"`
}

// Verdict is what became of one promise.
type Verdict struct {
	// Promise is a name of scenarios.PromiseNames.
	Promise string  `json:"promise"`
	Outcome Outcome `json:"outcome"`
	// Asked says that the scenario makes this promise; a verdict that was not
	// asked for is inconclusive and does not count.
	Asked bool `json:"asked"`
	// Waived says that it was asked for, but that nobody took part in the run who
	// could have kept or broken it, as Reason tells; such a verdict is
	// inconclusive and does not count either.
	Waived bool `json:"waived,omitempty"`
	// Figure is what was counted or measured, with its units, for people.
	Figure string `json:"figure"`
	// Reason says why the outcome is what it is; empty on a plain pass.
	Reason string `json:"reason"`
	// Foreseen is why the scenario says that even a good relay comes out so;
	// empty where it does not, or where the verdict is another than foreseen. It
	// changes neither this verdict's outcome nor that of the run.
	Foreseen string `json:"foreseen,omitempty"`
	// Witnesses are up to five messages that show it, lowest ordinal first.
	Witnesses []Witness `json:"witnesses"`
}

// Witness is one message that shows why a promise was broken.
type Witness struct {
	// Msg is the message's id, for Story; empty for mail nobody submitted.
	Msg       string `json:"msg"`
	Recipient string `json:"recipient,omitempty"`
	What      string `json:"what"`
}

// Verdict is the verdict on the promise of that name, and whether there is one.
func (j *Judgement) Verdict(promise string) (Verdict, bool) {
	for _, v := range j.Verdicts {
		if v.Promise == promise {
			return v, true
		}
	}
	return Verdict{}, false
}

// WriteJSON writes the judgement as verdicts.json holds it.
func (j *Judgement) WriteJSON(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	if err := enc.Encode(j); err != nil {
		return fmt.Errorf("writing verdicts: %w", err)
	}
	return nil
}

// ReadJSON reads what WriteJSON wrote.
func ReadJSON(r io.Reader) (*Judgement, error) {
	var j Judgement
	if err := json.NewDecoder(r).Decode(&j); err != nil {
		return nil, fmt.Errorf("reading verdicts: %w", err)
	}
	return &j, nil
}

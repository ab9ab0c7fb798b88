package reports

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"github.com/hansei-mail/hansei/reports/raster"
)

// ErrNoFont says that this machine cannot write the language that was asked for.
var ErrNoFont = errors.New("no font of this machine has these letters " +
	"(apt-get install fonts-noto-cjk)")

// PNG tells the run as one picture for slides and messengers that take no SVG.
func PNG(w io.Writer, in Input) error {
	var svg, png bytes.Buffer // a picture that is cut in the middle would look broken
	if err := SVG(&svg, in); err != nil {
		return err
	}
	missing, err := raster.PNG(&png, svg.String())
	if err != nil {
		return err
	}
	if missing != "" && in.Lang == Japanese {
		return fmt.Errorf("%w: %s", ErrNoFont, missing)
	}
	if _, err := png.WriteTo(w); err != nil {
		return fmt.Errorf("writing the picture: %w", err)
	}
	return nil
}

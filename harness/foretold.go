package harness

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// writeForecast writes what was predicted, before anything can be seen.
func (r *run) writeForecast() error {
	if r.cfg.Forecast == nil {
		return nil
	}
	f, err := os.Create(filepath.Join(r.cfg.Dir, forecast.File))
	if err != nil {
		return fmt.Errorf("writing the forecast: %w", err)
	}
	return errors.Join(r.cfg.Forecast.Write(f), f.Close())
}

package reports

import (
	"time"

	"github.com/hansei-mail/hansei/harness/check"
	"github.com/hansei-mail/hansei/reports/course"
	"github.com/hansei-mail/hansei/scenarios"
	"github.com/hansei-mail/hansei/scenarios/forecast"
)

// Input is everything a renderer may tell.
type Input struct {
	// Run says how the judged run was made.
	Run Run
	// Scenario is what was given; its zone is the zone of every time told.
	Scenario *scenarios.Scenario
	// Judgement is what package check made of the evidence.
	Judgement *check.Judgement
	// Forecast is what was predicted of the run; nil: nothing was.
	Forecast *forecast.Forecast
	// Course is the run as sampled for pictures and stories; without it (nil)
	// the pictures show what the figures hold.
	Course *course.Course
	// Lang is the language of pages; what the judge wrote stays English.
	Lang Lang
	// Style is how the text may look; the zero value is plain ASCII.
	Style Style
}

// Run is what is known of the run besides its evidence.
type Run struct {
	// Version is hansei's.
	Version string
	// Relay and RelayVersion name what was under test.
	Relay, RelayVersion string
	Seed                uint64
	Scale               float64
	// Wall is how long the run took on the wall.
	Wall time.Duration
	// Clock says in words how scenario time ran, e.g. "warped, up to 600x".
	Clock string
	// Ended is how the run ended: settled, limit, interrupted or failed.
	Ended string
	// Started is wall time, UTC.
	Started time.Time
	// Command is the command line that repeats the run.
	Command string
	// Folder is the run folder as the user would type it.
	Folder string
	// Changes are what the driver added to the relay's configuration, Settings
	// the relay's retry settings in force, Host the machine in words.
	Changes  []string
	Settings map[string]string
	Host     string
}

// Style is how a text may look.
type Style struct {
	// Colour allows ANSI colours: for terminals only.
	Colour bool
	// Unicode allows characters beyond ASCII for marks and charts.
	Unicode bool
}

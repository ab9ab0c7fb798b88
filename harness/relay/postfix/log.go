package postfix

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"strconv"
	"strings"
	"time"
)

// logLine is one line of the log.
type logLine struct {
	at      time.Time
	program string // without Postfix's own prefix: "smtp", "qmgr"
	text    string
}

// stampLayout is that of postlogd, with the year that it leaves out.
const stampLayout = "2006 Jan _2 15:04:05"

// parseLine reads a line as postlogd writes it: "Nov 19 11:00:00 relay
// postfix/smtp[123]: text". near is a time not far away, from which the year
// is taken.
func parseLine(line string, near time.Time) (logLine, bool) {
	const width = len("Nov 19 11:00:00")
	if len(line) < width+2 || line[width] != ' ' {
		return logLine{}, false
	}
	at, ok := stamp(line[:width], near)
	if !ok {
		return logLine{}, false
	}
	_, rest, ok := strings.Cut(line[width+1:], " ") // the host
	if !ok {
		return logLine{}, false
	}
	tag, text, ok := strings.Cut(rest, ": ")
	if !ok {
		return logLine{}, false
	}
	tag, _, _ = strings.Cut(tag, "[")
	return logLine{at: at, program: tag[strings.LastIndexByte(tag, '/')+1:], text: text}, true
}

// stamp reads a time stamp without a year as the instant nearest to near.
func stamp(text string, near time.Time) (time.Time, bool) {
	var best time.Time
	found := false
	for year := near.Year() - 1; year <= near.Year()+1; year++ {
		// A 29 February is no date in most years.
		t, err := time.Parse(stampLayout, strconv.Itoa(year)+" "+text)
		if err != nil {
			continue
		}
		if !found || t.Sub(near).Abs() < best.Sub(near).Abs() {
			best, found = t, true
		}
	}
	return best, found
}

// readLog calls use for each line from offset on; origin is a scenario time
// near the first. Lines in no known form are left out.
func readLog(path string, offset int64, origin time.Time, use func(logLine)) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("reading postfix's log: %w", err)
	}
	defer f.Close()
	if _, err := f.Seek(offset, io.SeekStart); err != nil {
		return fmt.Errorf("reading postfix's log: %w", err)
	}
	r := bufio.NewReaderSize(f, 1<<16)
	for {
		text, err := r.ReadString('\n')
		if errors.Is(err, io.EOF) {
			return nil // what is not a whole line yet does not count
		}
		if err != nil {
			return fmt.Errorf("reading postfix's log: %w", err)
		}
		if line, ok := parseLine(strings.TrimRight(text, "\n"), origin); ok {
			origin = line.at
			use(line)
		}
	}
}

// logSize is how long the log is; one that is not there yet has length 0.
func logSize(path string) (int64, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("looking at postfix's log: %w", err)
	}
	return info.Size(), nil
}

// fatalWords is the first line after offset in which a program of Postfix gives
// up, in its own words; empty if there is none.
func fatalWords(path string, offset int64) string {
	var words string
	anyTime := time.Unix(0, 0).UTC() // the stamps do not matter here
	err := readLog(path, offset, anyTime, func(l logLine) {
		if w := fatalOf(l.program + ": " + l.text); w != "" && words == "" {
			words = w
		}
	})
	if err != nil {
		return "" // no log yet
	}
	return words
}

// fatalOf takes "program: words" out of a line in which a program gives up.
func fatalOf(line string) string {
	line = strings.TrimSpace(line)
	for _, mark := range []string{": fatal: ", ": panic: "} {
		if program, words, ok := strings.Cut(line, mark); ok {
			return program + " says: " + words
		}
	}
	return ""
}

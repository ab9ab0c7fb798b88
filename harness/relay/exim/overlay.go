package exim

import (
	"fmt"
	"strings"
)

// overlay is what the user's own configuration says.
type overlay struct {
	// macros stand at the top, in their order.
	macros []macro
	// main are the options of the main section, order their keys.
	main  map[string]string
	order []string
	// retry are the lines of the section retry; none: stock.
	retry []string
}

// macro is a definition "NAME = value" (specification, section 6.4).
type macro struct{ key, value string }

// intervalMacro is the one that says how often the queue is run: Debian has it
// in /etc/default/exim4, in the same words.
const intervalMacro = "QUEUEINTERVAL"

// lists are the words that begin the definition of a named list.
var lists = []string{"domainlist ", "hostlist ", "addresslist ", "localpartlist "}

// parseOverlay reads a configuration in Exim's own language (specification,
// chapter 6): macros and options of the main section, and a section retry.
// Other sections route mail, which is the driver's own part.
func parseOverlay(text string) (overlay, error) {
	o := overlay{main: map[string]string{}}
	section := ""
	lines := strings.Split(text, "\n")
	for i := 0; i < len(lines); i++ {
		number := i + 1
		line := strings.TrimSpace(lines[i])
		if line == "" || line[0] == '#' {
			continue
		}
		for strings.HasSuffix(line, "\\") && i+1 < len(lines) {
			i++
			line = strings.TrimSuffix(line, "\\") + strings.TrimSpace(lines[i])
		}
		bad := func(why string) (overlay, error) {
			return overlay{}, fmt.Errorf("the user's exim4.conf, line %d: %s", number, why)
		}
		name, begins := strings.CutPrefix(line, "begin ")
		switch {
		case line[0] == '.':
			return bad(fmt.Sprintf("%q is for a preprocessor: write out what it stands for", line))
		case begins && strings.TrimSpace(name) == "retry":
			section = "retry"
		case begins:
			return bad(fmt.Sprintf("the section %q is the driver's own; main options and a "+
				"section retry can be laid over", strings.TrimSpace(name)))
		case section == "retry":
			o.retry = append(o.retry, line)
		default:
			if err := o.option(line); err != nil {
				return bad(err.Error())
			}
		}
	}
	return o, nil
}

// option takes one line of the main section.
func (o *overlay) option(line string) error {
	key, value, ok := strings.Cut(line, "=")
	key, value = strings.Join(strings.Fields(key), " "), strings.TrimSpace(value)
	if !ok { // a switch
		value = "true"
		if off, is := strings.CutPrefix(key, "no_"); is {
			key, value = off, "false"
		}
	}
	named := false
	for _, list := range lists {
		named = named || strings.HasPrefix(key, list)
	}
	if key == "" || strings.Contains(key, " ") && !named {
		return fmt.Errorf("%q is no \"name = value\"", line)
	}
	if key[0] >= 'A' && key[0] <= 'Z' {
		o.macros = append(o.macros, macro{key, value})
		return nil
	}
	if _, again := o.main[key]; again {
		return fmt.Errorf("%s is set for the second time", key)
	}
	o.main[key] = value
	o.order = append(o.order, key)
	return nil
}

// retryLines are the user's, or stock.
func (o overlay) retryLines() []string {
	if len(o.retry) == 0 {
		return []string{stockRetry}
	}
	return o.retry
}

// interval is the time between queue runs, as the program's option -q has it.
func (o overlay) interval() string {
	for _, m := range o.macros {
		if m.key == intervalMacro {
			return m.value
		}
	}
	return stockInterval
}

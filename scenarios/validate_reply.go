package scenarios

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

var (
	codes    = regexp.MustCompile(`^([245])[0-5][0-9]([ -]|$)`)
	enhanced = regexp.MustCompile(`^([245])\.\d{1,3}\.\d{1,3}( |$)`)
)

// reply checks an SMTP reply: a code (RFC 5321 section 4.2), and an enhanced
// code of the same class if there is one (RFC 3463 section 2).
func (v *validator) reply(f Fault, path string) {
	at := join(path, "reply")
	bad := func(cure, format string, args ...any) {
		v.say(at, cure, "fault %q: %s", f.Name, fmt.Sprintf(format, args...))
	}
	if f.Reply == "" {
		v.say(join(path, "do"), `add "reply: 451 4.3.2 ..."`, "fault %q: do: reply needs a reply", f.Name)
		return
	}
	for line := range strings.SplitSeq(strings.TrimRight(f.Reply, "\n"), "\n") {
		code := codes.FindStringSubmatch(line)
		switch {
		case code == nil:
			bad(`begin it with a code, "451 4.3.2 text"`, "%q is not an SMTP reply", clip(line))
			return
		case len(line) > 510: // RFC 5321 section 4.5.3.1.5: 512 with the line's end
			bad("part it into several lines", "a reply line has %d bytes, more than 510", len(line))
		case strings.IndexFunc(line, func(r rune) bool { return r < ' ' || r > '~' }) >= 0:
			bad("use printable ASCII (RFC 5321 section 4.2)", "the reply has other characters")
		}
		if line[:3] != f.Reply[:3] {
			bad("repeat the code on each line", "the lines have different codes")
		}
		if len(line) > 4 {
			e := enhanced.FindStringSubmatch(line[4:])
			if e != nil && e[1] != code[1] && !f.Odd {
				bad(`let "451" go with "4.x.x", or say "odd: true"`, "code %s and enhanced code %s disagree",
					line[:3], strings.Fields(line[4:])[0])
			}
		}
	}
	if n, _ := strconv.Atoi(f.Reply[:3]); n < 400 && f.Stage != StageAccepted && f.Stage != StageEOD {
		bad("use a 4xx or 5xx code", "%d at stage %s is no fault", n, f.Stage)
	}
}

package postfix

import (
	"errors"
	"fmt"
	"strings"
)

// master adapts a stock master.cf: the SMTP server listens where we say, no
// other port is opened, nothing is chrooted (a private queue folder holds no
// system files for programs in it to find), and there is a logger.
func master(stock, listen string) (text string, changes []string, err error) {
	var b strings.Builder
	var jailed, closed []string
	smtp, logger, drop := false, false, false
	for line := range strings.Lines(stock) {
		line = strings.TrimRight(line, " \t\r\n")
		if line == "" || line[0] == '#' {
			continue
		}
		if line[0] == ' ' || line[0] == '\t' { // continues the service before
			if !drop {
				fmt.Fprintln(&b, line)
			}
			continue
		}
		f := strings.Fields(line)
		// service type private unprivileged chroot wakeup maxproc command ...,
		// see master(5)
		if len(f) < 8 {
			return "", nil, fmt.Errorf("the stock master.cf has a line that is no service: %q", line)
		}
		drop = f[1] == "inet" && (f[0] != "smtp" || f[7] != "smtpd")
		if drop {
			closed = append(closed, f[0])
			continue
		}
		if f[1] == "inet" {
			f[0], smtp = listen, true
		}
		if f[4] != "n" {
			f[4], jailed = "n", append(jailed, f[0]+"/"+f[1])
		}
		logger = logger || f[7] == "postlogd"
		fmt.Fprintln(&b, strings.Join(f, " "))
	}
	if !smtp {
		return "", nil, errors.New("the stock master.cf has no service smtp inet")
	}
	changes = append(changes, "master.cf: smtp listens on "+listen+" (a free port of loopback)")
	if len(jailed) > 0 {
		changes = append(changes, "master.cf: chroot off for "+strings.Join(jailed, " ")+
			" (the private queue folder holds no system files)")
	}
	if len(closed) > 0 {
		changes = append(changes, "master.cf: without "+strings.Join(closed, " ")+
			" (one port is enough)")
	}
	if !logger {
		fmt.Fprintln(&b, "postlog unix-dgram n - n - 1 postlogd")
		changes = append(changes, "master.cf: postlogd added (a log of its own)")
	}
	return b.String(), changes, nil
}

package postfix

import (
	"fmt"
	"net/netip"
	"os"
	"path/filepath"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// etcFiles writes the few system files that decide how names are resolved, as
// the instance shall see them, and returns the mounts that show them and what
// they change. The machine's own files stay as they are.
func etcFiles(w relay.World, dir string) ([]process.Bind, []string, error) {
	server, err := netip.ParseAddrPort(w.DNS)
	if err != nil {
		return nil, nil, fmt.Errorf("reading the address of the world's DNS, %q: %w", w.DNS, err)
	}
	if server.Port() != 53 || !server.Addr().IsLoopback() {
		return nil, nil, fmt.Errorf("the world's DNS is at %s, but resolv.conf knows port 53 only "+
			"and a relay under test may ask loopback only", server)
	}
	resolv := "nameserver " + server.Addr().String() + "\n"
	if w.ClockFile != nil {
		// The resolver's waits are inside the C library and stay real: stock's
		// 5 s twice would be hours of scenario time.
		resolv += "options timeout:1 attempts:2\n"
	}
	files := []struct{ target, text string }{
		{"/etc/resolv.conf", resolv},
		{"/etc/hosts", "127.0.0.1 localhost\n"},
		{"/etc/nsswitch.conf", nameSwitch("/etc/nsswitch.conf")},
	}
	var binds []process.Bind
	var changes []string
	for _, f := range files {
		if _, err := os.Stat(f.target); err != nil && f.target != "/etc/resolv.conf" {
			continue // nothing to hide
		}
		source := filepath.Join(dir, filepath.Base(f.target))
		if err := os.WriteFile(source, []byte(f.text), 0o644); err != nil {
			return nil, nil, fmt.Errorf("writing %s: %w", f.target, err)
		}
		binds = append(binds, process.Bind{Source: source, Target: f.target})
		changes = append(changes, fmt.Sprintf("%s: its own, in a private mount namespace "+
			"(names come from the world's DNS at %s alone)", f.target, server))
	}
	return binds, changes, nil
}

// nameSwitch is the machine's nsswitch.conf with hosts from files and DNS
// only: other sources (systemd-resolved, mDNS) would ask the real world.
func nameSwitch(path string) string {
	data, err := os.ReadFile(path)
	if err != nil {
		return "hosts: files dns\n"
	}
	var b strings.Builder
	for line := range strings.Lines(string(data)) {
		if name, _, ok := strings.Cut(line, ":"); !ok || strings.TrimSpace(name) != "hosts" {
			b.WriteString(strings.TrimRight(line, "\n") + "\n")
		}
	}
	b.WriteString("hosts: files dns\n")
	return b.String()
}

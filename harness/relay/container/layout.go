package container

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/moby/moby/api/types/mount"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Layout is what the text of a description's file may use, as of text/template:
// {{.Listen}}, {{range .Filter}}. {{free "NAME"}} is one more free ip:port, the
// same wherever that name is used; {{ip ADDRESS}} and {{port ADDRESS}} are the
// parts of one; {{quote TEXT}} is TEXT as one word of the shell.
type Layout struct {
	// Hostname is the relay's name, Listen where it must take mail.
	Hostname string
	Listen   string
	// DNS is the name server, ip:53, which resolv.conf in the container names.
	DNS string
	// Spare says which recipients get a spare copy; of no domains, if none.
	Spare relay.Spare
	// Filter are strings in whose presence a message must be refused for good.
	Filter []string
}

// lay writes the description's files and those of the system below base, and
// returns the mounts that show them.
func (about Description) lay(ctx context.Context, base string, l Layout) ([]mount.Mount, error) {
	resolver, err := resolv(l.DNS)
	if err != nil {
		return nil, err
	}
	files := []File{
		{Path: "/etc/resolv.conf", Text: resolver},
		{Path: "/etc/hosts", Text: "127.0.0.1 localhost\n"},
	}
	forms := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"free": frees(ctx), "ip": part(0), "port": part(1),
		"quote": func(text string) string { return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'" },
	})
	for _, f := range about.Files {
		form, err := forms.New(f.Path).Parse(f.Text)
		if err != nil {
			return nil, fmt.Errorf("reading the text of %s: %w", f.Path, err)
		}
		var text strings.Builder
		if err := form.Execute(&text, l); err != nil {
			return nil, fmt.Errorf("filling in the text of %s: %w", f.Path, err)
		}
		files = append(files, File{Path: f.Path, Text: text.String(), Run: f.Run})
	}
	var mounts []mount.Mount
	for i, f := range files {
		own := filepath.Join(base, fmt.Sprintf("file-%d", i))
		mode := os.FileMode(0o644)
		if f.Run {
			mode = 0o755
		}
		err := os.WriteFile(own, []byte(f.Text), mode)
		if err == nil {
			err = os.Chmod(own, mode)
		}
		if err != nil {
			return nil, fmt.Errorf("writing %s: %w", f.Path, err)
		}
		mounts = append(mounts, bind(own, f.Path, true))
	}
	return mounts, nil
}

// resolv is a resolv.conf for the world's DNS.
func resolv(dns string) (string, error) {
	server, err := netip.ParseAddrPort(dns)
	if err != nil {
		return "", fmt.Errorf("reading the address of the world's DNS, %q: %w", dns, err)
	}
	if server.Port() != 53 || !server.Addr().IsLoopback() {
		return "", fmt.Errorf("the world's DNS is at %s, but resolv.conf knows port 53 only "+
			"and a relay under test may ask loopback only", server)
	}
	// Short, because a resolver's waits are real however fast the clock is.
	return "nameserver " + server.Addr().String() + "\noptions timeout:1 attempts:2\n", nil
}

// frees gives each name an address.
func frees(ctx context.Context) func(name string) (string, error) {
	known := map[string]string{}
	return func(name string) (string, error) {
		if _, there := known[name]; !there {
			address, err := process.FreeAddress(ctx)
			if err != nil {
				return "", err
			}
			known[name] = address
		}
		return known[name], nil
	}
}

// part is the host or the port of an address.
func part(which int) func(address string) (string, error) {
	return func(address string) (string, error) {
		host, port, err := net.SplitHostPort(address)
		return []string{host, port}[which], err
	}
}

// errNoSpare refuses a world with spare copies where nothing makes them.
var errNoSpare = errors.New("its description has no means of copying mail (spare: true), " +
	"and the scenario wants spare copies")

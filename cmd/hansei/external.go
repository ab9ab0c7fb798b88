package main

import (
	"os"

	"github.com/spf13/cobra"

	"github.com/hansei-mail/hansei/harness/mailstore"
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/external"
)

// externalName is the relay that runs already.
const externalName = "external"

// spareSecret is where the password of a spare store is looked for, if its name
// does not tell: a command line is seen by everybody on the machine.
const spareSecret = "HANSEI_SPARE_PASSWORD"

// externalFlags say where a relay is that runs already, what can be done to it,
// and where spare copies are that somebody else keeps.
type externalFlags struct {
	address string
	hooks   external.Hooks
	spare   string
}

// hook is a flag for one of the hooks.
type hook struct {
	name    string
	command *string
	what    string
}

func (f *externalFlags) all() []hook {
	return []hook{
		{"hook-kill", &f.hooks.Kill, "command that kills the external relay at once"},
		{"hook-start", &f.hooks.Start, "command that starts it again, on the same queue"},
		{"hook-stop", &f.hooks.Stop, "command that ends it in good order"},
		{"hook-pause", &f.hooks.Pause, "command that stops its processes where they are"},
		{"hook-resume", &f.hooks.Resume, "command that lets them go on"},
		{"hook-queue", &f.hooks.Queue, "command that prints its queue: a line QUEUEID SENDER RECIPIENT\n" +
			"for each queued recipient, or what postqueue -j prints"},
		{"hook-settings", &f.hooks.Settings, "command that prints its retry settings, a line NAME = VALUE each"},
	}
}

func (f *externalFlags) add(c *cobra.Command) {
	c.Flags().StringVar(&f.address, "relay-address", "",
		"where the relay of --relay external takes mail, such as 127.0.0.1:2525\n"+
			"(hansei doctor --external SCENARIO prints what it must be told)")
	for _, h := range f.all() {
		c.Flags().StringVar(h.command, h.name, "", h.what)
	}
	c.Flags().StringVar(&f.spare, "spare", "",
		"where spare copies are, if not at hansei's own endpoint: maildir:/PATH, mbox:/PATH or\n"+
			"imap://USER@127.0.0.1:143/INBOX (password after USER: or in "+spareSecret+")")
}

// pick is the driver for the relay that the flags describe.
func (f *externalFlags) pick(driver relay.Driver) (relay.Driver, error) {
	if driver.Name() == externalName {
		return external.New(external.Options{Address: f.address, Hooks: f.hooks}), nil
	}
	if f.address != "" {
		return nil, usagef("--relay-address is for --relay external: hansei starts %s itself",
			driver.Name())
	}
	for _, h := range f.all() {
		if *h.command != "" {
			return nil, usagef("--%s is for --relay external: hansei does that to %s itself", h.name,
				driver.Name())
		}
	}
	return driver, nil
}

// store is the mail store of --spare, nil if there is none.
func (f *externalFlags) store() (*mailstore.Where, error) {
	if f.spare == "" {
		return nil, nil
	}
	where, err := mailstore.Parse(f.spare)
	if err != nil {
		return nil, usagef("%w", err)
	}
	where = where.WithPassword(os.Getenv(spareSecret))
	return &where, nil
}

// tell tells the flags that were given; a password is nobody's business.
func (f *externalFlags) tell(flag func(name, value string)) {
	if f.address != "" {
		flag("relay-address", f.address)
	}
	for _, h := range f.all() {
		if *h.command != "" {
			flag(h.name, *h.command)
		}
	}
	if where, err := mailstore.Parse(f.spare); f.spare != "" && err == nil {
		flag("spare", where.String())
	}
}

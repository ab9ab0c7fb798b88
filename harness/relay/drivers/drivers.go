// Package drivers owns the list of relays that hansei can test: one literal
// map. A new driver is a package of its own beside this one and a line here.
//
// It must hold no code but that list: what a driver does is the driver's.
package drivers

import (
	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/container"
	"github.com/hansei-mail/hansei/harness/relay/exim"
	"github.com/hansei-mail/hansei/harness/relay/external"
	"github.com/hansei-mail/hansei/harness/relay/opensmtpd"
	"github.com/hansei-mail/hansei/harness/relay/postfix"
	"github.com/hansei-mail/hansei/harness/relay/reference"
)

// All are the relays by the name that --relay takes.
func All() map[string]relay.Driver {
	all := map[string]relay.Driver{
		"container": container.Driver{},
		"exim":      exim.Driver{},
		"external":  external.Driver{},
		"opensmtpd": opensmtpd.Driver{},
		"postfix":   postfix.Driver{},
		"reference": reference.New(reference.Options{}),
	}
	for _, d := range container.Shipped() {
		all[d.Name()] = d
	}
	return all
}

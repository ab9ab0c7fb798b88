package postfix

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/user"
	"strconv"
	"strings"

	"github.com/hansei-mail/hansei/harness/relay"
	"github.com/hansei-mail/hansei/harness/relay/process"
)

// Site is where else than among this machine's own programs a Postfix is: in an
// image, say. Its files must be this machine's files, at the same paths, as far
// as an instance shares them with us.
type Site interface {
	// Name is the word for --relay.
	Name() string
	Ready(ctx context.Context) error
	// Open makes room for one instance, whose programs see these folders of the
	// world and of the instance, and base as their own.
	Open(ctx context.Context, w relay.World, base string) (House, error)
}

// House is the room of one instance.
type House interface {
	// Ask runs a program beside the instance, which may be dead: it reads the
	// instance's folders and changes nothing.
	Ask(ctx context.Context, line ...string) (stdout, stderr []byte, err error)
	// Start starts a program that stays, with these binds.
	Start(ctx context.Context, binds []process.Bind, c process.Command) (Tree, error)
	// Changes are what it changes of the relay, one line each.
	Changes() []string
	// Close removes all of it. It may be called again.
	Close(ctx context.Context) error
}

// Tree is what is done with the running programs of an instance. That of this
// machine is *process.Tree.
type Tree interface {
	Alive() bool
	Done() <-chan struct{}
	Processes() ([]process.Process, error)
	Usage() (process.Usage, error)
	// Run runs one more program there and returns what it said.
	Run(ctx context.Context, c process.Command) (string, error)
	Freeze(ctx context.Context) error
	Thaw(ctx context.Context) error
	Kill(ctx context.Context) error
}

var _ Tree = (*process.Tree)(nil)

// At is the driver for the Postfix of a site.
func At(s Site) Driver { return Driver{site: s} }

// move takes the instance to its site's house and learns what is there.
func (in *instance) move(ctx context.Context) error {
	if in.driver.site == nil {
		return nil
	}
	house, err := in.driver.site.Open(ctx, in.world, in.place.base)
	if err != nil {
		return err
	}
	in.house = house
	in.info.Changes = append(in.info.Changes, house.Changes()...)
	// Its PATH knows where they are.
	in.programs = programs{postfix: "postfix", postconf: "postconf", postqueue: "postqueue",
		postcat: "postcat", postlog: "postlog"}
	return in.programs.introduce(func(line ...string) ([]byte, error) {
		out, err := in.ask(ctx, line...)
		return out.stdout, err
	})
}

// ask runs a program in the house.
func (in *instance) ask(ctx context.Context, line ...string) (outputs, error) {
	stdout, stderr, err := in.house.Ask(ctx, line...)
	if err != nil {
		err = fmt.Errorf("running %s: %w: %s", line[0], err,
			strings.Join(strings.Fields(string(stderr)), " "))
	}
	return outputs{stdout, stderr}, err
}

// reader reads files where the programs are.
func (in *instance) reader(ctx context.Context) func(path string) ([]byte, error) {
	if in.house == nil {
		return os.ReadFile
	}
	return func(path string) ([]byte, error) {
		out, err := in.ask(ctx, "cat", path)
		return out.stdout, err
	}
}

// owner is the number of Postfix's own user.
func (in *instance) owner(ctx context.Context) (int, error) {
	name := in.programs.owner
	if in.house == nil {
		found, err := user.Lookup(name)
		if err != nil {
			return 0, fmt.Errorf("looking for postfix's own user: %w", err)
		}
		return userID(name, found.Uid)
	}
	out, err := in.ask(ctx, "id", "-u", name)
	if err != nil {
		return 0, fmt.Errorf("looking for postfix's own user: %w", err)
	}
	return userID(name, strings.TrimSpace(string(out.stdout)))
}

func userID(name, text string) (int, error) {
	uid, err := strconv.Atoi(text)
	if err != nil {
		return 0, fmt.Errorf("reading the number of user %s: %w", name, errors.Unwrap(err))
	}
	return uid, nil
}

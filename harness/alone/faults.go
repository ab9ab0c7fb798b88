package alone

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/hansei-mail/hansei/fakes/control"
)

var _ control.Subject = (*Fake)(nil)

// Put sets a fault, in place of another of its name.
func (f *Fake) Put(name string, text json.RawMessage) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.cfg.Kind {
	case Alerts:
		return errors.New("the webhook has no faults: it takes whatever comes")
	case Entra, Health:
		fault, err := parseWeb(f.cfg.Kind, name, text)
		if err != nil {
			return err
		}
		f.web.put(fault)
	default:
		fault, everywhere, err := f.mailFault(name, text, f.played.Now())
		if err != nil {
			return err
		}
		f.played.Put(fault, everywhere)
	}
	if f.words[name] == nil {
		f.order = append(f.order, name)
	}
	f.words[name] = text
	f.turn()
	return nil
}

// Remove heals a fault; those of the scenario can be healed, too.
func (f *Fake) Remove(name string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	found := f.played.Remove(name)
	found = f.web.remove(name) || found
	delete(f.words, name)
	f.order = slices.DeleteFunc(f.order, func(n string) bool { return n == name })
	f.turn()
	return found
}

// Heal removes all faults.
func (f *Fake) Heal() {
	for _, fault := range f.Faults() {
		f.Remove(fault.Name)
	}
}

// Reset puts the faults of the start in the place of all others. Those of a
// scenario come back as its clock says.
func (f *Fake) Reset() {
	f.Heal()
	for _, fault := range f.header.Faults {
		if f.mine(fault) {
			f.played.Put(fault, false)
		}
	}
	for _, fault := range f.cfg.Faults {
		if err := f.Put(fault.Name, fault.Words); err != nil { // they were good at the start
			f.trouble(err)
		}
	}
	f.turn()
}

// Faults are those that are set: the scenario's, then the others.
func (f *Fake) Faults() []control.Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	var all []control.Fault
	for _, planned := range f.header.Faults {
		felt, on, there := f.played.Felt(planned.Name)
		if !there || f.words[planned.Name] != nil {
			continue
		}
		text, err := json.Marshal(planned)
		if err != nil {
			text = nil
		}
		all = append(all, control.Fault{Name: planned.Name, Words: text, Felt: felt, On: on})
	}
	for _, name := range f.order {
		one := control.Fault{Name: name, Words: f.words[name]}
		if felt, on, there := f.played.Felt(name); there {
			one.Felt, one.On = felt, on
		} else {
			one.Felt, one.On = f.web.felt(name)
		}
		all = append(all, one)
	}
	return all
}

// turn sets the doors, and tells who keeps them that the faults have changed.
func (f *Fake) turn() {
	f.setDoors()
	select {
	case f.turned <- struct{}{}:
	default:
	}
}

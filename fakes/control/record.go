package control

import (
	"encoding/json"
	"slices"
	"sync"
	"time"
)

// Bounds of a Record: what is beyond them is forgotten, oldest first.
const (
	MostMessages = 10_000
	MostEvents   = 100_000
	// MostBytes is of all contents and events together, MostContent of one
	// message: what is longer is kept up to there.
	MostBytes   = 64 << 20
	MostContent = 4 << 20
)

// Message is something that arrived: a mail, or an alarm.
type Message struct {
	N       int       `json:"n"` // counts from 1, also where earlier ones are forgotten
	At      time.Time `json:"at"`
	From    string    `json:"from,omitempty"`
	To      []string  `json:"to,omitempty"`
	Size    int64     `json:"size"`
	SHA256  string    `json:"sha256,omitempty"`
	Address string    `json:"address,omitempty"` // where it arrived
	Peer    string    `json:"peer,omitempty"`
	Fault   string    `json:"fault,omitempty"`
	Held    string    `json:"held,omitempty"`
	// Told: the client was sent the true reply.
	Told bool `json:"told"`
	// Cut: the content that is kept is not all that arrived.
	Cut bool `json:"cut,omitempty"`

	Content []byte `json:"-"`
}

// Record is what a fake remembers. Its zero value is ready; its methods may be
// called from many goroutines.
type Record struct {
	mu       sync.Mutex
	messages []Message
	events   []json.RawMessage
	bytes    int
	arrived  int
}

// Arrived keeps a message; its number is given here.
func (r *Record) Arrived(m Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(m.Content) > MostContent {
		m.Content, m.Cut = slices.Clone(m.Content[:MostContent]), true
	}
	r.arrived++
	m.N = r.arrived
	r.messages = append(r.messages, m)
	r.bytes += len(m.Content)
	r.forget()
}

// Happened keeps an event, which is a JSON text.
func (r *Record) Happened(event json.RawMessage) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.events = append(r.events, event)
	r.bytes += len(event)
	r.forget()
}

// forget keeps the bounds. The caller holds the lock.
func (r *Record) forget() {
	for len(r.messages) > MostMessages || r.bytes > MostBytes && len(r.messages) > 1 {
		r.bytes -= len(r.messages[0].Content)
		r.messages[0] = Message{}
		r.messages = r.messages[1:]
	}
	for len(r.events) > MostEvents || r.bytes > MostBytes && len(r.events) > 1 {
		r.bytes -= len(r.events[0])
		r.events[0] = nil
		r.events = r.events[1:]
	}
}

// Messages are those that are remembered.
func (r *Record) Messages() []Message {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.messages)
}

// Events are those that are remembered.
func (r *Record) Events() []json.RawMessage {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.Clone(r.events)
}

// Message is the one of that number; ok is false where there is none, or none
// any more.
func (r *Record) Message(n int) (m Message, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.messages, func(m Message) bool { return m.N == n })
	if i < 0 {
		return Message{}, false
	}
	return r.messages[i], true
}

// Reset forgets everything.
func (r *Record) Reset() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.messages, r.events, r.bytes, r.arrived = nil, nil, 0, 0
}

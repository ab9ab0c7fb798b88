package scenarios

// Message is one message written out, where mail is not drawn from the routes'
// rates: what a regression needs, and no more. `hansei shrink` writes them.
type Message struct {
	// ID is "m" and a number of its own; it goes into the content.
	ID string `yaml:"id"`
	At Moment `yaml:"at"`
	// Route is the route that it takes; the addresses are of its two cohorts.
	Route string   `yaml:"route"`
	From  string   `yaml:"from"`
	To    []string `yaml:"to"`
	// Size is bytes of the whole message, about; 0 means 8000.
	Size int `yaml:"size,omitempty"`
	// Dirt makes it a message that every filter must refuse.
	Dirt Dirt `yaml:"dirt,omitempty"`
	// Shape names peculiarities of the content; see MessageShapes.
	Shape []string `yaml:"shape,omitempty"`
	// Content is the seed of the text, in hexadecimal; empty: drawn from the
	// run's seed and the ID.
	Content string `yaml:"content,omitempty"`
}

// MessageShapes are the peculiarities that a message's content may have: 8-bit
// text, lines that begin with a dot, lines near RFC 5322's limit of 998 octets
// (section 2.1.1), trailing blanks, folded headers.
var MessageShapes = []string{"8bit", "dots", "long-lines", "trailing-blanks", "folded"}

package chart

// Width is the width of every chart in user units; pages scale it.
const Width = 720

// The margins around the plot, in user units. Left holds the labels of y even
// where narrow pages double the size of text.
const (
	left   = 82
	right  = 14
	top    = 14
	bottom = 34
)

// Chart is one plot.
type Chart struct {
	// ID is unique on its page: a letter, then letters and digits.
	ID string
	// Title and Desc say what is seen, for those who do not see it.
	Title, Desc string
	// Height is in user units.
	Height int
	X, Y   Axis
	Bands  []Band
	Series []Series
	Marks  []Mark
	// Lanes are drawn below each other instead of a plot over Y.
	Lanes []Lane
}

// Axis is a range and where it is labelled. Positions are in any unit.
type Axis struct {
	From, Until float64
	Ticks       []Tick
	// Title stands at the axis's end: the unit.
	Title string
}

// Tick is a labelled position. A minor one loses its label on narrow pages.
type Tick struct {
	At    float64
	Text  string
	Minor bool
}

// Band is a shaded stretch of X.
type Band struct {
	From, Until float64
	// Hatch is 0 for plain shading, else one of Hatches.
	Hatch int
	Text  string
}

// Hatches is how many hatchings differ from each other.
const Hatches = 6

// Kind is how a series is drawn.
type Kind int

// The kinds of series.
const (
	Line Kind = iota
	Step      // each value holds until the next
	Area      // between Base and Y, hatched
)

// Styles is how many series differ from each other.
const Styles = 6

// Series is one line or area; X and Y, and Base for areas, are equally long.
type Series struct {
	Name    string
	Kind    Kind
	Style   int
	X, Y    []float64
	Base    []float64
	Dimmed  bool
	Visible bool // false: only in the legend and the table
}

// Mark is a labelled point.
type Mark struct {
	X, Y float64
	Text string
	// Below and After say where the label stands; else above and before.
	Below, After bool
}

// Lane is a row with a bar whose height follows Share.
type Lane struct {
	Text  string
	Hatch int
	X, Y  []float64 // share, 0 to 1
}

// laneHeight is the height of a lane, in user units.
const laneHeight = 46

// LanesHeight is the height of a chart of that many lanes.
func LanesHeight(n int) int { return top + n*laneHeight + bottom }

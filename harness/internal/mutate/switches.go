package mutate

// switches is the file that is added to the package, so that one build holds
// all mutants: the environment says which of them is in force. With
// HANSEI_MUTANTS_SEEN it notes in a file which of them the tests reach.
const switches = `
import (
	"cmp"
	"os"
	"strconv"
	"sync"
)

type mutAny interface {
	~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 |
		~float32 | ~float64
}

var mutChosen = func() int {
	n, _ := strconv.Atoi(os.Getenv("HANSEI_MUTANT"))
	return n
}()

var mutSeen = struct {
	sync.Mutex
	file *os.File
	ids  map[int]bool
}{file: func() *os.File {
	f, _ := os.Create(os.Getenv("HANSEI_MUTANTS_SEEN"))
	return f
}(), ids: map[int]bool{}}

var mutNoting = mutSeen.file != nil

func mutOn(id int) bool {
	if mutNoting {
		mutNote(id)
	}
	return id == mutChosen && id != 0
}

func mutNote(id int) {
	mutSeen.Lock()
	if !mutSeen.ids[id] {
		mutSeen.ids[id] = true
		mutSeen.file.WriteString(strconv.Itoa(id) + "\n")
	}
	mutSeen.Unlock()
}

func mutFlip(id int, x bool) bool { return x != mutOn(id) }

func mutLogic(op string, id int, x bool, y func() bool) bool {
	if (op == "&&") != mutOn(id) {
		return x && y()
	}
	return x || y()
}

func mutCompare[T cmp.Ordered](op string, not, edge int, x, y T) bool {
	on := mutOn(edge)
	yes := false
	switch {
	case op == "<" && !on, op == "<=" && on:
		yes = x < y
	case op == "<", op == "<=":
		yes = x <= y
	case op == ">" && !on, op == ">=" && on:
		yes = x > y
	default:
		yes = x >= y
	}
	return yes != mutOn(not)
}

func mutCount[T mutAny](op string, id int, x, y T) T {
	switch on := mutOn(id); {
	case op == "+" && !on, op == "-" && on:
		return x + y
	case op == "+", op == "-":
		return x - y
	case op == "*" && !on, op == "/" && on:
		return x * y
	case on && y == 0:
		return x
	}
	return x / y
}

func mutNumber[T mutAny](up, down int, x T) T {
	switch {
	case mutOn(up):
		return x + 1
	case mutOn(down):
		return x - 1
	}
	return x
}

func mutSign[T mutAny](id int, x T) T {
	if mutOn(id) {
		return -x
	}
	return x
}

func mutBest[T cmp.Ordered](which string, id int, x T, more ...T) T {
	for _, y := range more {
		if (which == "min") != mutOn(id) {
			x = min(x, y)
		} else {
			x = max(x, y)
		}
	}
	return x
}
`

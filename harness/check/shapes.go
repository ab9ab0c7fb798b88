package check

// noShape is the number that no shape has: 24 bits, all set.
const noShape = 1<<24 - 1

// shapes numbers the different values of a type. A run has millions of messages
// that went a few hundred ways, so each keeps the number of its way only.
type shapes[T comparable] struct {
	list    []T
	numbers map[T]uint32
	zero    T
}

// of is the value's number; noShape when there are too many different ones.
// Zero is always the zero value's.
func (s *shapes[T]) of(v T) uint32 {
	if n, ok := s.numbers[v]; ok {
		return n
	}
	if s.numbers == nil {
		s.numbers = map[T]uint32{s.zero: 0}
		s.list = append(s.list, s.zero)
		return s.of(v)
	}
	n := uint32(len(s.list))
	if n >= noShape {
		return noShape
	}
	s.numbers[v] = n
	s.list = append(s.list, v)
	return n
}

// value is what the number stands for, to be read.
func (s *shapes[T]) value(n uint32) *T {
	if n < uint32(len(s.list)) {
		return &s.list[n]
	}
	return &s.zero
}

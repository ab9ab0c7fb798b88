package check

import "encoding/binary"

// pieceRows is how many rows lie together: a power of two, so that a piece of
// any width is whole pages and wastes none.
const pieceRows = 1 << pieceShift

const pieceShift = 13

// rows is a long list of rows of the same width, in pieces that never move: to
// grow it neither copies what is there nor holds it twice. Rows begin as zeros.
// They hold no pointers, so that the collector has nothing to look for in them.
type rows struct {
	width  int
	n      int
	pieces [][]byte
}

// reach makes the list at least n rows long.
func (r *rows) reach(n int) {
	for r.n < n {
		last := r.n >> pieceShift
		if last == len(r.pieces) {
			r.pieces = append(r.pieces, r.piece())
		}
		more := min(n-r.n, pieceRows-r.n&(pieceRows-1))
		p := r.pieces[last]
		r.pieces[last] = append(p, make([]byte, more*r.width)...)
		r.n += more
	}
}

// piece is a new piece. The first one grows, since most runs are small.
func (r *rows) piece() []byte {
	if len(r.pieces) == 0 {
		return nil
	}
	return make([]byte, 0, pieceRows*r.width)
}

// row is the row itself, to be read and written.
func (r *rows) row(i int32) []byte {
	at := int(i) & (pieceRows - 1) * r.width
	return r.pieces[int(i)>>pieceShift][at : at+r.width : at+r.width]
}

// bytes is what the rows take of memory.
func (r *rows) bytes() (n int) {
	for _, p := range r.pieces {
		n += cap(p)
	}
	return n
}

// The numbers in rows are little-endian and as narrow as what they usually hold.
// What does not fit is for the writer to see: see letterRows and pairRows.

func put24(b []byte, v uint32) {
	binary.LittleEndian.PutUint16(b, uint16(v))
	b[2] = byte(v >> 16)
}

func get24(b []byte) uint32 {
	return uint32(binary.LittleEndian.Uint16(b)) | uint32(b[2])<<16
}

func put40(b []byte, v uint64) {
	binary.LittleEndian.PutUint32(b, uint32(v))
	b[4] = byte(v >> 32)
}

func get40(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(b[4])<<32
}

func put48(b []byte, v uint64) {
	binary.LittleEndian.PutUint32(b, uint32(v))
	binary.LittleEndian.PutUint16(b[4:], uint16(v>>32))
}

func get48(b []byte) uint64 {
	return uint64(binary.LittleEndian.Uint32(b)) | uint64(binary.LittleEndian.Uint16(b[4:]))<<32
}

// zigzag makes a number small that is near zero on either side; unzigzag undoes it.
func zigzag(v int64) uint64   { return uint64(v<<1) ^ uint64(v>>63) }
func unzigzag(v uint64) int64 { return int64(v>>1) ^ -int64(v&1) }

package entra

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
)

// Withdraw takes the signing key away from a share (0 to 1) of those who verify
// tokens, while the endpoint goes on to issue them: on 2021-03-15 a key was
// removed that was still in use, and the front ends noticed one by one as they
// refreshed their copy. Who is hit is drawn from the seed and sticks: a larger
// share hits the same ones and more, a smaller one heals some of them, 0 all.
func (s *Server) Withdraw(share float64) { s.withdrawn.Store(math.Float64bits(share)) }

// refuses says whether the key is withdrawn at a place.
func (s *Server) refuses(place string) bool {
	share := math.Float64frombits(s.withdrawn.Load())
	if share <= 0 {
		return false
	}
	d := s.digest("front end", place)
	draw := rand.New(rand.NewPCG(binary.BigEndian.Uint64(d), binary.BigEndian.Uint64(d[8:])))
	return draw.Float64() < share
}

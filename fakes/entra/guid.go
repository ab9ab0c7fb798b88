package entra

import (
	"fmt"
	"strconv"
	"strings"
)

// guid is an identifier that depends on the seed, the kind and the request's
// ordinal alone. It has the form of RFC 9562, version 4.
func (s *Server) guid(kind string, ordinal uint64) string {
	d := s.digest(kind, strconv.FormatUint(ordinal, 10))
	d[6] = d[6]&0x0f | 0x40
	d[8] = d[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", d[:4], d[4:6], d[6:8], d[8:10], d[10:16])
}

// isGUID says whether s has that form, of whatever version.
func isGUID(s string) bool {
	if len(s) != 36 {
		return false
	}
	for i, c := range []byte(s) {
		dash := i == 8 || i == 13 || i == 18 || i == 23
		if dash != (c == '-') || !dash && !strings.ContainsRune("0123456789abcdefABCDEF", rune(c)) {
			return false
		}
	}
	return true
}

package health

import "github.com/hansei-mail/hansei/fakes/webfake"

// Clock is the time the fake lives in; a Server without one uses package time.
type Clock = webfake.Clock

func (s *Server) clock() Clock {
	if s.Clock == nil {
		return webfake.RealTime
	}
	return s.Clock
}

package check

import "fmt"

// duplicates: second deliveries and second spare copies that nothing explains
// are within the limit. What explains one: a reply that the harness withheld
// (one that the relay did not wait for was not withheld, see patience.go), a
// submission whose reply never came, a second accepted submission.
func (l *ledger) duplicates() finding {
	w := witnesses{l: l}
	unexplained, explained, arrived := 0, 0, 0
	l.each(func(li int32, _ *letter, _ int32, p *pair) {
		if p.own.all > 0 {
			arrived++
		}
		own, spare := l.repeats(p)
		all := max(0, int(p.own.all)-1) + max(0, int(p.spare.all)-1)
		unexplained += own + spare
		explained += all - own - spare
		if own+spare > 0 {
			w.call(li, p.rcpt, func() string {
				return fmt.Sprintf("%s (of which the relay was not told %d) and %s, after %s",
					many(int(p.own.all), "delivery"), p.own.withheld,
					many(int(p.spare.all), "spare copy"),
					many(int(p.accepted)+int(p.unknown), "submission"))
			})
		}
	})
	limit := l.s.Expect.Duplicates.Limit
	f := finding{
		figure: fmt.Sprintf("%s unexplained, %s explained; limit %s", count(unexplained),
			count(explained), count(limit)),
		witnesses: w.list(),
	}
	switch {
	case unexplained > limit:
		f.outcome = Fail
		f.reason = fmt.Sprintf("%s delivered more often than anything explains",
			many(w.all, "pair"))
	case arrived == 0:
		f.reason = "nothing was delivered"
	default:
		f.outcome = Pass
	}
	return f
}

// repeats is how many of a pair's deliveries and spare copies nothing explains.
func (l *ledger) repeats(p *pair) (own, spare int) {
	submissions := int(p.accepted) + int(p.unknown)
	return p.own.unexplained(submissions), p.spare.unexplained(submissions)
}

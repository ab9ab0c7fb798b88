package check

import (
	"fmt"
	"time"
)

// blurry counts the spare copies whose own time is too coarse for what it is
// asked: they may have landed in time, and may not.
type blurry struct {
	all  int
	most time.Duration
}

// is says whether a copy that seems late may have landed in time all the same,
// and counts it.
func (b *blurry) is(l *ledger, pi int32, p *pair, order string, within time.Duration) bool {
	blur := l.blurred[pi]
	if blur == 0 || order == "" && p.copied-p.taken <= within {
		return false
	}
	sooner := *p
	sooner.copied, sooner.copiedAt = p.copied-blur, p.copiedAt-blur
	if sooner.copied-sooner.taken > within || l.disorder(pi, &sooner) != "" {
		return false
	}
	b.all++
	b.most = max(b.most, blur)
	return true
}

func (b *blurry) figure() string {
	if b.all == 0 {
		return ""
	}
	return fmt.Sprintf("%s of unsure time", count(b.all))
}

func (b *blurry) reason() string {
	return fmt.Sprintf("the spare store's own times are too coarse (up to %s) to tell whether %s "+
		"landed in time", span(b.most), many(b.all, "copy"))
}

package reference

import (
	"bytes"
	"slices"
)

const (
	rewrittenLine = "-- \r\nchecked by the relay\r\n"
	// keptBody is how much of a body is left of a message that is cut off.
	keptBody = 100
	// brokenAt is where lines are broken.
	brokenAt = 900
)

// alter is the content as it is sent: by an honest relay, what it got.
func (f flaw) alter(content []byte, spare, again bool) []byte {
	switch {
	case f.is(flawRewriteBody) && !spare:
		return append(bytes.Clone(content), rewrittenLine...)
	case f.is(flawTruncateSpare) && spare, f.is(flawTruncateRetried) && !spare && again:
		return cutOff(content)
	case f.is(flawLoseDots):
		return bytes.ReplaceAll(content, []byte("\r\n."), []byte("\r\n"))
	case f.is(flawBreakLines):
		return eachLine(content, breakLine)
	case f.is(flawStripEighth):
		return stripEighth(content)
	case f.is(flawTrimBlanks):
		return eachLine(content, func(line []byte) []byte { return bytes.TrimRight(line, " \t") })
	case f.is(flawUnfold):
		return unfold(content)
	case f.is(flawStripSignature):
		return stripSignature(content)
	}
	return content
}

// cutOff is a message and the first lines of its body.
func cutOff(content []byte) []byte {
	end := min(len(headerOf(content))+keptBody, len(content))
	return append(bytes.Clone(content[:end]), "\r\n"...)
}

// eachLine changes every line, without its end.
func eachLine(content []byte, change func([]byte) []byte) []byte {
	lines := bytes.Split(content, []byte("\r\n"))
	for i, line := range lines {
		lines[i] = change(line)
	}
	return bytes.Join(lines, []byte("\r\n"))
}

func breakLine(line []byte) []byte {
	if len(line) <= brokenAt {
		return line
	}
	return slices.Concat(line[:brokenAt], []byte("\r\n"), line[brokenAt:])
}

func stripEighth(content []byte) []byte {
	out := bytes.Clone(content)
	for i, c := range out {
		if c > 127 {
			out[i] = '?'
		}
	}
	return out
}

// unfold joins the header's folded lines (RFC 5322 section 2.2.3).
func unfold(content []byte) []byte {
	header := headerOf(content)
	joined := bytes.ReplaceAll(header, []byte("\r\n\t"), []byte(" "))
	joined = bytes.ReplaceAll(joined, []byte("\r\n "), []byte(" "))
	return slices.Concat(joined, content[len(header):])
}

// stripSignature removes the fields of that name, with their folded lines.
func stripSignature(content []byte) []byte {
	header := headerOf(content)
	var kept [][]byte
	inField := false
	for _, line := range bytes.SplitAfter(header, []byte("\r\n")) {
		folded := len(line) > 0 && (line[0] == ' ' || line[0] == '\t')
		if !folded {
			inField = bytes.HasPrefix(bytes.ToLower(line), []byte("dkim-signature:"))
		}
		if !inField {
			kept = append(kept, line)
		}
	}
	return slices.Concat(bytes.Join(kept, nil), content[len(header):])
}

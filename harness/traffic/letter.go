package traffic

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"time"

	"github.com/hansei-mail/hansei/scenarios/timeline"
)

// attachmentFrom is the size in bytes from which a message is written as a text
// with an attachment, as most large mail is.
const attachmentFrom = 32 << 10

// words make plain text that compresses and canonicalises like prose.
var words = strings.Fields(`order invoice meeting delivery schedule attached please find
	confirm tomorrow morning office branch report figures budget review draft contract
	customer question answer regards thank you kindly soon late early before after with
	without about shipment number quantity price list version change request approval`)

// Compose writes the whole content of a submission, as it goes over the wire
// before transparency (RFC 5321 section 4.5.2): CRLF line ends, signed with
// keys. The same submission gives the same content from IDHeader on; only the
// DKIM signature above it carries the wall clock.
func Compose(sub *timeline.Submission, date time.Time, keys *Keys) ([]byte, error) {
	var b bytes.Buffer
	b.Grow(sub.Size + 2048)
	rng := rand.New(rand.NewPCG(sub.Seed, uint64(len(sub.To))))
	writeHeader(&b, sub, date, rng)
	if sub.Size >= attachmentFrom {
		writeMultipart(&b, sub, rng)
	} else {
		writeText(&b, sub, sub.Size-b.Len(), rng)
	}
	return keys.sign(b.Bytes(), domainOf(sub.From))
}

func writeHeader(b *bytes.Buffer, sub *timeline.Submission, date time.Time, rng *rand.Rand) {
	fmt.Fprintf(b, "%s: %s\r\n", IDHeader, sub.ID)
	fmt.Fprintf(b, "From: <%s>\r\n", sub.From)
	fmt.Fprintf(b, "To: <%s>\r\n", strings.Join(sub.To, ">,\r\n <"))
	subject := phrase(rng, 4)
	if slices.Contains(sub.Shape, timeline.Folded) {
		// RFC 5322 section 2.2.3: white space of a fold is part of the value.
		subject += "\r\n\t" + phrase(rng, 6) + "\r\n   " + phrase(rng, 3)
	}
	fmt.Fprintf(b, "Subject: %s\r\n", subject)
	fmt.Fprintf(b, "Date: %s\r\n", date.Format(time.RFC1123Z))
	fmt.Fprintf(b, "Message-ID: <%s.%016x@%s>\r\n", sub.ID, sub.Seed, domainOf(sub.From))
	b.WriteString("MIME-Version: 1.0\r\n")
}

func writeText(b *bytes.Buffer, sub *timeline.Submission, size int, rng *rand.Rand) {
	b.WriteString("Content-Type: text/plain; charset=utf-8\r\n")
	fmt.Fprintf(b, "Content-Transfer-Encoding: %s\r\n\r\n", encodingOf(sub))
	writeLines(b, sub, size, rng)
}

// writeMultipart puts an eighth of the size into the text and the rest into a
// base64 attachment (RFC 2045 section 6.8: lines of 76 characters).
func writeMultipart(b *bytes.Buffer, sub *timeline.Submission, rng *rand.Rand) {
	boundary := fmt.Sprintf("=_hansei_%016x", sub.Seed)
	fmt.Fprintf(b, "Content-Type: multipart/mixed; boundary=\"%s\"\r\n\r\n--%s\r\n", boundary, boundary)
	writeText(b, sub, sub.Size/8, rng)
	fmt.Fprintf(b, "--%s\r\nContent-Type: application/octet-stream; name=\"figures.bin\"\r\n", boundary)
	b.WriteString("Content-Disposition: attachment; filename=\"figures.bin\"\r\n")
	b.WriteString("Content-Transfer-Encoding: base64\r\n\r\n")
	raw := make([]byte, 57)
	line := make([]byte, 76)
	for b.Len() < sub.Size-len(boundary)-8 {
		for i := range raw {
			raw[i] = byte(rng.Uint32())
		}
		base64.StdEncoding.Encode(line, raw)
		b.Write(line)
		b.WriteString("\r\n")
	}
	fmt.Fprintf(b, "--%s--\r\n", boundary)
}

// longLine is the longest line that RFC 5322 section 2.1.1 allows, less its CRLF.
const longLine = 998

func writeLines(b *bytes.Buffer, sub *timeline.Submission, size int, rng *rand.Rand) {
	end := b.Len() + size
	b.WriteString("Hello,\r\n\r\n")
	for _, shape := range sub.Shape {
		switch shape {
		case timeline.EightBit:
			b.WriteString("御社の障害について、ご報告いたします。 Grüße, façade, naïve.\r\n")
		case timeline.Dots:
			b.WriteString(".\r\n..\r\n.leading dot\r\n...three\r\n")
		case timeline.LongLines:
			b.WriteString(strings.Repeat("0123456789", longLine/10) + "01234567\r\n")
		case timeline.Blanks:
			b.WriteString("trailing blanks   \r\ntab at the end\t\r\n \r\n")
		}
	}
	if sub.Dirt != "" {
		b.WriteString(dirtText[sub.Dirt] + "\r\n")
	}
	for b.Len() < end {
		n := b.Len()
		for b.Len()-n < 60 {
			b.WriteString(words[rng.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.Truncate(b.Len() - 1)
		b.WriteString("\r\n")
	}
}

func phrase(rng *rand.Rand, n int) string {
	picked := make([]string, n)
	for i := range picked {
		picked[i] = words[rng.IntN(len(words))]
	}
	return strings.Join(picked, " ")
}

func encodingOf(sub *timeline.Submission) string {
	if slices.Contains(sub.Shape, timeline.EightBit) {
		return "8bit"
	}
	return "7bit"
}

func domainOf(address string) string {
	_, domain, _ := strings.Cut(address, "@")
	return domain
}

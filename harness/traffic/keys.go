package traffic

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/emersion/go-msgauth/dkim"
)

// selector is the DKIM selector of every sending domain.
const selector = "hansei"

// Keys sign the mail of a run and verify it at the other end (DKIM, RFC 6376,
// with Ed25519 keys, RFC 8463). One key serves every domain.
type Keys struct {
	private ed25519.PrivateKey
	record  string
}

// NewKeys derives the key of a run from its seed.
func NewKeys(seed uint64) *Keys {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], seed)
	sum := sha256.Sum256(append([]byte("hansei dkim "), b[:]...))
	private := ed25519.NewKeyFromSeed(sum[:])
	public := private.Public().(ed25519.PublicKey)
	return &Keys{
		private: private,
		record:  "v=DKIM1; k=ed25519; p=" + base64.StdEncoding.EncodeToString(public),
	}
}

// Record is the TXT record to publish, and Name its name in a domain.
func (k *Keys) Record() string { return k.record }

// Name is the DNS name of the key in a domain (RFC 6376 section 3.6.2.1).
func (k *Keys) Name(domain string) string { return selector + "._domainkey." + domain }

// signed are the header fields that the signature covers.
var signed = []string{
	IDHeader, "From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "Content-Type",
}

func (k *Keys) sign(content []byte, domain string) ([]byte, error) {
	var out bytes.Buffer
	out.Grow(len(content) + 512)
	err := dkim.Sign(&out, bytes.NewReader(content), &dkim.SignOptions{
		Domain: domain, Selector: selector, Signer: k.private, HeaderKeys: signed,
		HeaderCanonicalization: dkim.CanonicalizationRelaxed,
		BodyCanonicalization:   dkim.CanonicalizationRelaxed,
	})
	if err != nil {
		return nil, fmt.Errorf("signing a message: %w", err)
	}
	return out.Bytes(), nil
}

var errUnsigned = errors.New("no signature")

// verify says whether the content still carries a signature that holds.
func (k *Keys) verify(content []byte) error {
	found, err := dkim.VerifyWithOptions(bytes.NewReader(content), &dkim.VerifyOptions{
		LookupTXT:        func(string) ([]string, error) { return []string{k.record}, nil },
		MaxVerifications: 4,
	})
	if err != nil {
		return fmt.Errorf("verifying a message: %w", err)
	}
	err = errUnsigned
	for _, v := range found {
		if v.Err == nil {
			return nil
		}
		err = v.Err
	}
	return err
}

package entra

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"strings"
	"time"
)

// Why a token is refused.
var (
	ErrUnknown   = errors.New("the token was not issued here")
	ErrExpired   = errors.New("the token has expired")
	ErrWithdrawn = errors.New("the token's signing key is not published")
)

// key is one of the endpoint's signing keys.
type key string

const (
	standing  key = "standing"
	struckOff key = "struck-off"
)

// header and claims are those of a JSON Web Token (RFC 7519), because some
// clients look into what they should take for opaque. It is signed with a
// secret of the fake (HS256, RFC 7518 section 3.2), where Entra uses RSA.
type header struct {
	Type      string `json:"typ"`
	Algorithm string `json:"alg"`
	Key       key    `json:"kid"`
}

type claims struct {
	Audience string `json:"aud,omitempty"`
	Issuer   string `json:"iss"`
	Issued   int64  `json:"iat"`
	Expires  int64  `json:"exp"`
	Client   string `json:"appid"`
	Tenant   string `json:"tid"`
	Ordinal  uint64 `json:"ord"`
}

var encoding = base64.RawURLEncoding.Strict()

// sign makes the token of a request.
func (s *Server) sign(q request, k key) (string, error) {
	head, err := json.Marshal(header{"JWT", "HS256", k})
	if err != nil {
		return "", fmt.Errorf("writing a token's header: %w", err)
	}
	now := s.clock().Now()
	body, err := json.Marshal(claims{
		Audience: strings.TrimSuffix(q.Scope, "/.default"),
		Issuer:   "https://sts.windows.net/" + q.Tenant + "/",
		Issued:   now.Unix(), Expires: now.Add(s.lifetime()).Unix(),
		Client: q.Client, Tenant: q.Tenant, Ordinal: q.Ordinal,
	})
	if err != nil {
		return "", fmt.Errorf("writing a token's claims: %w", err)
	}
	text := encoding.EncodeToString(head) + "." + encoding.EncodeToString(body)
	return text + "." + encoding.EncodeToString(s.signature(k, text)), nil
}

// Verify tells whose a token is and whether it is good: ErrUnknown, ErrExpired
// and ErrWithdrawn say why not (after the latter two, tenant and client are told
// all the same). What Withdraw takes from it, it takes by the token: a token
// that is refused stays so while the share stays.
func (s *Server) Verify(token string) (tenant, client string, err error) {
	return s.verify(token, token)
}

// VerifyAt is Verify at one front end, which holds its own copy of the keys:
// what Withdraw takes, it takes by the front end, for all tokens alike. Any name
// will do, an address say; to refuse a share of sessions at one address, make
// the session part of the name.
func (s *Server) VerifyAt(frontEnd, token string) (tenant, client string, err error) {
	return s.verify("at "+frontEnd, token)
}

func (s *Server) verify(place, token string) (tenant, client string, err error) {
	k, c, err := s.open(token)
	switch {
	case err != nil:
		return "", "", err
	case k == struckOff || s.refuses(place):
		return c.Tenant, c.Client, ErrWithdrawn
	case !s.clock().Now().Before(time.Unix(c.Expires, 0)):
		return c.Tenant, c.Client, ErrExpired
	}
	return c.Tenant, c.Client, nil
}

// open reads a token; nothing of it is believed before its signature is.
func (s *Server) open(token string) (key, claims, error) {
	at := strings.LastIndexByte(token, '.')
	if at < 0 {
		return "", claims{}, ErrUnknown
	}
	signature, err := encoding.DecodeString(token[at+1:])
	if err != nil || strings.ContainsAny(token, "\r\n") { // which base64 skips
		return "", claims{}, ErrUnknown
	}
	for _, k := range []key{standing, struckOff} {
		if !hmac.Equal(signature, s.signature(k, token[:at])) {
			continue
		}
		_, body, _ := strings.Cut(token[:at], ".")
		text, err := encoding.DecodeString(body)
		if err != nil {
			return "", claims{}, ErrUnknown
		}
		var c claims
		if err := json.Unmarshal(text, &c); err != nil {
			return "", claims{}, ErrUnknown
		}
		return k, c, nil
	}
	return "", claims{}, ErrUnknown
}

// signature is that of a key over a token's first two parts.
func (s *Server) signature(k key, text string) []byte {
	secret := s.digest("key", string(k))
	sum := hmac.New(sha256.New, secret)
	_, _ = sum.Write([]byte(text)) // a hash never fails
	return sum.Sum(nil)
}

// digest is a hash of the seed and the words, none of which can be taken for a
// part of another.
func (s *Server) digest(words ...string) []byte {
	sum := sha256.New()
	number(sum, s.Seed)
	for _, w := range words {
		number(sum, uint64(len(w)))
		_, _ = sum.Write([]byte(w))
	}
	return sum.Sum(nil)
}

func number(sum hash.Hash, n uint64) {
	var b [8]byte
	binary.BigEndian.PutUint64(b[:], n)
	_, _ = sum.Write(b[:])
}

// Package certs owns throwaway certificates: a certificate authority that lives
// as long as a run, and leaves for the host names of the fakes.
//
// It must not be trusted by anything but a test: its keys are never written to
// disk by this package.
package certs

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"time"
)

// Certificates are valid from 2000 to 2100, because a scenario may live in 2019
// while a relay without a shared clock lives today.
var (
	notBefore = time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	notAfter  = time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC)
)

// Authority is a certificate authority with its key in memory.
type Authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

// New makes an authority. It refuses a time outside of 2000 to 2100, at which
// its certificates would not be valid.
func New(now time.Time) (*Authority, error) {
	if now.Before(notBefore) || !now.Before(notAfter) {
		return nil, fmt.Errorf("making an authority: no certificate would be valid at %s",
			now.Format(time.RFC3339))
	}
	template, err := newTemplate("hansei throwaway authority")
	if err != nil {
		return nil, err
	}
	template.IsCA = true
	template.KeyUsage = x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the authority's key: %w", err)
	}
	cert, err := sign(template, template, key, key)
	if err != nil {
		return nil, err
	}
	return &Authority{cert: cert, key: key}, nil
}

// Leaf makes a server certificate for host names and IP addresses; the first is
// also the subject's name.
func (a *Authority) Leaf(names ...string) (tls.Certificate, error) {
	if len(names) == 0 {
		return tls.Certificate{}, fmt.Errorf("making a certificate: no name is given")
	}
	template, err := newTemplate(names[0])
	if err != nil {
		return tls.Certificate{}, err
	}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
			continue
		}
		template.DNSNames = append(template.DNSNames, name)
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, fmt.Errorf("making the key of %s: %w", names[0], err)
	}
	cert, err := sign(template, a.cert, key, a.key)
	if err != nil {
		return tls.Certificate{}, err
	}
	return tls.Certificate{
		Certificate: [][]byte{cert.Raw, a.cert.Raw}, PrivateKey: key, Leaf: cert,
	}, nil
}

// Server is the configuration of a server with a Leaf. The least version is 1.2,
// as at Exchange Online (https://aka.ms/smtp_auth_tls).
func (a *Authority) Server(names ...string) (*tls.Config, error) {
	leaf, err := a.Leaf(names...)
	if err != nil {
		return nil, err
	}
	return &tls.Config{Certificates: []tls.Certificate{leaf}, MinVersion: tls.VersionTLS12}, nil
}

// Client is the configuration of a client that trusts this authority alone and
// expects that name.
func (a *Authority) Client(name string) *tls.Config {
	return &tls.Config{RootCAs: a.Pool(), ServerName: name, MinVersion: tls.VersionTLS12}
}

// Pool holds the authority's certificate.
func (a *Authority) Pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// PEM is the authority's certificate for a relay's configuration.
func (a *Authority) PEM() []byte {
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw})
}

// newTemplate begins a certificate with a serial number of its own.
func newTemplate(subject string) (*x509.Certificate, error) {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if err != nil {
		return nil, fmt.Errorf("choosing a serial number: %w", err)
	}
	return &x509.Certificate{
		SerialNumber: serial, Subject: pkix.Name{CommonName: subject},
		NotBefore: notBefore, NotAfter: notAfter, BasicConstraintsValid: true,
	}, nil
}

func sign(template, parent *x509.Certificate, key, by *ecdsa.PrivateKey) (*x509.Certificate, error) {
	raw, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		return nil, fmt.Errorf("signing %s: %w", template.Subject.CommonName, err)
	}
	cert, err := x509.ParseCertificate(raw)
	if err != nil {
		return nil, fmt.Errorf("reading %s back: %w", template.Subject.CommonName, err)
	}
	return cert, nil
}

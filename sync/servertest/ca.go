// SPDX-License-Identifier: EUPL-1.2

package servertest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Certificates is a certificate authority with one server certificate for localhost and 127.0.0.1.
type Certificates struct {
	CAPEM    string // what a client has to trust
	CAFile   string // the same as a file
	CertFile string
	KeyFile  string
	Pair     tls.Certificate
}

// CA makes a certificate authority in a directory of the test.
func CA(t testing.TB) *Certificates {
	t.Helper()
	c, err := NewCertificates(TempDir(t))
	check(t, err)
	return c
}

// NewCertificates makes a certificate authority and a server certificate (EC P-256) in dir.
func NewCertificates(dir string) (*Certificates, error) {
	now := time.Now()
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	ca := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano()), Subject: pkix.Name{CommonName: "Kontor test authority"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(30 * 24 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
	}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	if err != nil {
		return nil, err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(now.UnixNano() + 1), Subject: pkix.Name{CommonName: "localhost"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(30 * 24 * time.Hour),
		DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	if err != nil {
		return nil, err
	}
	return writeCertificates(dir, caDER, leafDER, key)
}

func writeCertificates(dir string, caDER, leafDER []byte, key *ecdsa.PrivateKey) (*Certificates, error) {
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	encode := func(kind string, der []byte) []byte {
		return pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der})
	}
	caPEM, certPEM, keyPEM := encode("CERTIFICATE", caDER), encode("CERTIFICATE", leafDER), encode("PRIVATE KEY", keyDER)
	c := &Certificates{
		CAPEM: string(caPEM), CAFile: filepath.Join(dir, "ca.pem"),
		CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"),
	}
	if c.Pair, err = tls.X509KeyPair(certPEM, keyPEM); err != nil {
		return nil, err
	}
	for file, data := range map[string][]byte{c.CAFile: caPEM, c.CertFile: certPEM, c.KeyFile: keyPEM} {
		// 0644: servers that start as root read their key after they gave up root.
		if err := os.WriteFile(file, data, 0o644); err != nil {
			return nil, err
		}
	}
	return c, nil
}

// ServerTLS is the configuration of an in-process server.
func (c *Certificates) ServerTLS() *tls.Config {
	return &tls.Config{Certificates: []tls.Certificate{c.Pair}, MinVersion: tls.VersionTLS12}
}

// ClientTLS trusts the authority.
func (c *Certificates) ClientTLS() *tls.Config {
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM([]byte(c.CAPEM))
	return &tls.Config{RootCAs: pool, ServerName: "localhost", MinVersion: tls.VersionTLS12}
}

package relay

import (
	"crypto/ed25519"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"time"

	"betang/sfu/relay/hop"
)

// LoadKey reads a node's key from a PEM file (PKCS #8, Ed25519), or makes one there that only its owner may read.
func LoadKey(path string) (ed25519.PrivateKey, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return makeKey(path)
	}
	if err != nil {
		return nil, err
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return nil, fmt.Errorf("%s: no PEM in it", path)
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	key, ok := parsed.(ed25519.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("%s: not an Ed25519 key", path)
	}
	return key, nil
}

// NewKey makes another key in the place of the file's, or the first. A node takes it at its next start; it is the old file or the new
// one whole.
func NewKey(path string) (ed25519.PrivateKey, error) {
	next := path + ".new"
	if err := os.Remove(next); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	key, err := makeKey(next)
	if err != nil {
		return nil, err
	}
	return key, os.Rename(next, path)
}

func makeKey(path string) (ed25519.PrivateKey, error) {
	_, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	err = pem.Encode(f, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
	return key, errors.Join(err, f.Sync(), f.Close())
}

// PublicText is a public key as people and configurations write it.
func PublicText(key ed25519.PublicKey) string { return base64.RawURLEncoding.EncodeToString(key) }

// ParsePublic reads it.
func ParsePublic(text string) (ed25519.PublicKey, error) {
	b, err := base64.RawURLEncoding.DecodeString(text)
	if err != nil || len(b) != ed25519.PublicKeySize {
		return nil, fmt.Errorf("%q is not a node's public key", text)
	}
	return b, nil
}

func nodeID(key ed25519.PublicKey) hop.NodeID { return hop.NodeID(key[:8]) }

// certificate wraps a key for DTLS. Who is at the other end is told by its key alone; no date or name in it counts.
func certificate(key ed25519.PrivateKey) (tls.Certificate, error) {
	template := x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "betang"},
		NotBefore: time.Unix(0, 0), NotAfter: time.Unix(1<<33, 0),
	}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// keyOf is the key a certificate shows. DTLS has it proven by a signature over the handshake.
func keyOf(certs [][]byte) (ed25519.PublicKey, error) {
	if len(certs) != 1 {
		return nil, errors.New("relay: not one certificate")
	}
	c, err := x509.ParseCertificate(certs[0])
	if err != nil {
		return nil, err
	}
	key, ok := c.PublicKey.(ed25519.PublicKey)
	if !ok {
		return nil, errors.New("relay: not an Ed25519 certificate")
	}
	return key, nil
}

package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"encoding/hex"
	"math/big"
	"net"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/transport/v5/deadline"
)

// lightPipe is the net.PacketConn of a light viewer's DTLS handshake.
type lightPipe struct {
	l      *light
	closed chan struct{}
	once   sync.Once
	muted  atomic.Bool
	read   *deadline.Deadline
}

// ReadFrom gives the next record.
func (p *lightPipe) ReadFrom(b []byte) (int, net.Addr, error) {
	select {
	case r := <-p.l.records:
		return copy(b, r), p.LocalAddr(), nil
	case <-p.closed:
		return 0, nil, net.ErrClosed
	case <-p.read.Done():
		return 0, nil, os.ErrDeadlineExceeded
	}
}

// WriteTo sends a record.
func (p *lightPipe) WriteTo(b []byte, _ net.Addr) (int, error) {
	if !p.muted.Load() {
		p.l.crowd.send(p.l, b)
	}
	return len(b), nil
}

// Close ends reads.
func (p *lightPipe) Close() error {
	p.once.Do(func() { close(p.closed) })
	return nil
}

// LocalAddr stands for both ends.
func (p *lightPipe) LocalAddr() net.Addr { return &net.UDPAddr{IP: net.IPv4(127, 0, 0, 1)} }

// SetDeadline sets that of reads: writes never wait.
func (p *lightPipe) SetDeadline(t time.Time) error { return p.SetReadDeadline(t) }

// SetReadDeadline wakes ReadFrom at t.
func (p *lightPipe) SetReadDeadline(t time.Time) error {
	p.read.Set(t)
	return nil
}

// SetWriteDeadline does nothing.
func (p *lightPipe) SetWriteDeadline(time.Time) error { return nil }

// lightCertificate is one for the whole crowd.
func lightCertificate() (tls.Certificate, string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	template := x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(24 * time.Hour)}
	der, err := x509.CreateCertificate(rand.Reader, &template, &template, key.Public(), key)
	if err != nil {
		return tls.Certificate{}, "", err
	}
	sum := sha256.Sum256(der)
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, fingerprintOf(sum[:]), nil
}

func randomUint64() uint64 {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails (crypto/rand since Go 1.24)
	return binary.BigEndian.Uint64(b[:])
}

// randomText is of so many characters that ICE credentials may have.
func randomText(n int) string {
	b := make([]byte, n)
	_, _ = rand.Read(b) // never fails
	return hex.EncodeToString(b)[:n]
}

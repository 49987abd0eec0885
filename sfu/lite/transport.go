package lite

import (
	"bytes"
	"context"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pion/dtls/v3"
	"github.com/pion/srtp/v3"

	"betang/sfu/udp"
)

// Overhead is the most bytes that sealing adds to a packet: a GCM tag and for RTCP an index.
const Overhead = 20

const (
	// maxAddresses bounds the addresses one viewer may prove: each of its networks has a few.
	maxAddresses = 16
	// handshakeTime is how long DTLS may take over a bad satellite link.
	handshakeTime = 20 * time.Second
	// linger is how long DTLS stays to answer a viewer that did not hear our last flight (RFC 6347 section 4.2.4).
	linger = 10 * time.Second
	// farewell is how long after an alert a viewer may still prove it is there.
	farewell = 3 * time.Second
)

// Handler hears of one transport. Calls come from the socket's reader, the sweep or the handshake, one at a time
// for each method, and must not block.
type Handler interface {
	// Connected: keys are agreed; SealRTP and SealRTCP work from now on.
	Connected()
	// Quiet and Back: silence began, or ended.
	Quiet()
	Back()
	// RTCP brings one decrypted compound packet; it is valid during the call only.
	RTCP(packet []byte)
	// Gone is the last call, exactly once.
	Gone()
}

// Transport is one viewer's.
type Transport struct {
	// What each packet out needs.
	out  sealer // set before ready; then the owning shard's alone
	addr atomic.Pointer[netip.AddrPort]
	to   *netip.AddrPort // the shard's: addr as it last saw it
	toIs netip.AddrPort  // and where that is

	host    *Host
	handler Handler
	peer    []byte // SHA-256 of the viewer's certificate, from its offer

	local    atomic.Pointer[credentials]
	previous atomic.Pointer[credentials] // before an ICE restart, until the viewer uses the new ones
	known    []netip.AddrPort            // guarded by host.mu

	heard   clock
	here    clock // last sign of life from addr
	isQuiet atomic.Bool
	gone    atomic.Bool

	dtls atomic.Pointer[pipe] // while the handshake lives

	in    opener // guarded by inMu: an address change may move the viewer to another reader
	inMu  sync.Mutex
	ready atomic.Bool
}

// Open makes a transport that waits for the viewer's first check. fingerprint is the SHA-256 of its certificate.
func (h *Host) Open(fingerprint []byte, handler Handler) (*Transport, error) {
	if len(fingerprint) != sha256.Size {
		return nil, errors.New("lite: a fingerprint is 32 bytes")
	}
	t := &Transport{host: h, handler: handler, peer: bytes.Clone(fingerprint)}
	c := newCredentials()
	t.local.Store(&c)
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ctx.Err() != nil {
		return nil, net.ErrClosed
	}
	h.ufrags[c.ufrag] = t
	return t, nil
}

// Keyed makes a transport that is ready with keys of zeroes and sends to an address, for tests and benchmarks of what owns it.
func Keyed(to netip.AddrPort) (*Transport, error) {
	zero := keys{make([]byte, 16), make([]byte, 12)}
	t := &Transport{}
	var err error
	t.out, t.in, err = newCiphers(srtp.ProtectionProfileAeadAes128Gcm, zero, zero)
	t.addr.Store(&to)
	t.ready.Store(true)
	return t, err
}

// Credentials are our ICE user name and password, for the answer.
func (t *Transport) Credentials() (ufrag, pwd string) {
	c := t.local.Load()
	return c.ufrag, c.pwd
}

// Restart makes new credentials (ICE restart); media goes on to the old address until the viewer proves a new one.
func (t *Transport) Restart() (ufrag, pwd string) {
	c := newCredentials()
	t.host.mu.Lock()
	defer t.host.mu.Unlock()
	if old := t.previous.Load(); old != nil {
		delete(t.host.ufrags, old.ufrag)
	}
	t.previous.Store(t.local.Load())
	t.local.Store(&c)
	if !t.closed() {
		t.host.ufrags[c.ufrag] = t
	}
	return c.ufrag, c.pwd
}

// State is where a transport stands.
type State uint8

// The states.
const (
	Joining State = iota
	Ready         // keys are agreed: SealRTP and SealRTCP work
	Silent        // ready, but nothing came for a while
	Ended
)

// State gives the present one; the Handler hears of every change.
func (t *Transport) State() State {
	switch {
	case t.gone.Load():
		return Ended
	case !t.ready.Load():
		return Joining
	case t.isQuiet.Load():
		return Silent
	}
	return Ready
}

func (t *Transport) closed() bool { return t.gone.Load() }

func (t *Transport) address() netip.AddrPort {
	if a := t.addr.Load(); a != nil {
		return *a
	}
	return netip.AddrPort{}
}

// heardFrom notes that something came from an address.
func (t *Transport) heardFrom(from netip.AddrPort, now time.Time) {
	if from == t.address() {
		t.here.set(now)
	}
}

func (t *Transport) password(ufrag string) (string, bool) {
	if c := t.local.Load(); c.ufrag == ufrag {
		return c.pwd, true
	}
	if c := t.previous.Load(); c != nil && c.ufrag == ufrag {
		return c.pwd, true
	}
	return "", false
}

// seen notes a sign of life.
func (t *Transport) seen(now time.Time) {
	t.heard.set(now)
	if t.isQuiet.CompareAndSwap(true, false) && !t.closed() {
		t.handler.Back()
	}
}

// silence judges how long ago the last one was. A viewer that never came is its owner's to give up.
func (t *Transport) silence(now time.Time) {
	switch age := t.heard.age(now); {
	case t.heard.never():
	case age >= t.host.lost:
		t.Close()
	case age >= t.host.quiet && t.isQuiet.CompareAndSwap(false, true):
		t.handler.Quiet()
	}
}

// record takes a DTLS record. The first one begins the handshake; once that is over only an alert matters: the
// viewer closed its side.
func (t *Transport) record(data []byte, now time.Time) {
	if p := t.dtls.Load(); p != nil {
		p.push(data)
		return
	}
	if t.ready.Load() {
		const alert = 21
		if data[0] == alert {
			// Not verified: the keys are gone with the handshake. A viewer that lives checks on within seconds.
			t.heard.set(now.Add(farewell - t.host.lost))
		}
		return
	}
	p := newPipe(t)
	if t.closed() || !t.dtls.CompareAndSwap(nil, p) {
		return
	}
	p.push(data)
	t.host.wg.Add(1)
	go t.handshake(p)
}

// handshake runs DTLS as the server, takes the keys and leaves.
func (t *Transport) handshake(p *pipe) {
	defer t.host.wg.Done()
	defer t.dtls.Store(nil)
	defer p.Close()
	select {
	case t.host.turn <- struct{}{}:
	case <-t.host.ctx.Done():
		return
	}
	conn, err := t.agree(p)
	<-t.host.turn
	if err != nil {
		t.Close()
		return
	}
	if t.closed() {
		_ = conn.Close()
		return
	}
	t.ready.Store(true)
	t.handler.Connected()
	// Reading answers retransmissions and sees a goodbye, while DTLS lingers.
	_ = conn.SetReadDeadline(time.Now().Add(linger))
	_, err = conn.Read(make([]byte, udp.MaxDatagram))
	var timeout net.Error
	left := err != nil && (!errors.As(err, &timeout) || !timeout.Timeout())
	p.muted.Store(true)
	_ = conn.Close() // muted: only frees
	if left && t.host.ctx.Err() == nil {
		t.Close()
	}
}

func (t *Transport) agree(p *pipe) (*dtls.Conn, error) {
	ctx, cancel := context.WithTimeout(t.host.ctx, handshakeTime)
	defer cancel()
	conn, err := dtls.ServerWithOptions(p, p.LocalAddr(),
		dtls.WithCertificates(t.host.cert),
		dtls.WithClientAuth(dtls.RequireAnyClientCert),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithFlightInterval(300*time.Millisecond),
		// ICE has proven the address already: no cookie, which saves a round trip.
		dtls.WithInsecureSkipVerifyHello(true),
		dtls.WithSRTPProtectionProfiles(dtls.SRTP_AEAD_AES_128_GCM, dtls.SRTP_AEAD_AES_256_GCM, dtls.SRTP_AES128_CM_HMAC_SHA1_80),
		dtls.WithVerifyPeerCertificate(func(raw [][]byte, _ [][]*x509.Certificate) error {
			if len(raw) == 0 {
				return errors.New("no certificate")
			}
			if sum := sha256.Sum256(raw[0]); !bytes.Equal(sum[:], t.peer) {
				return errors.New("not the certificate of the offer")
			}
			return nil
		}),
	)
	if err != nil {
		return nil, err
	}
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, fmt.Errorf("dtls: %w", err)
	}
	if err := t.keys(conn); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return conn, nil
}

// keys derives the SRTP contexts (RFC 5764 section 4.2).
func (t *Transport) keys(conn *dtls.Conn) error {
	profile, ok := conn.SelectedSRTPProtectionProfile()
	if !ok {
		return errors.New("no SRTP profile in common")
	}
	cfg := srtp.Config{Profile: srtp.ProtectionProfile(profile)}
	state, ok := conn.ConnectionState()
	if !ok {
		return errors.New("no connection state")
	}
	if err := cfg.ExtractSessionKeysFromDTLS(&state, false); err != nil {
		return err
	}
	k := cfg.Keys
	var err error
	t.out, t.in, err = newCiphers(cfg.Profile, keys{k.LocalMasterKey, k.LocalMasterSalt}, keys{k.RemoteMasterKey, k.RemoteMasterSalt})
	return err
}

// rtcp decrypts and hands over; scratch is the reader's memory, given back grown.
func (t *Transport) rtcp(scratch, data []byte, now time.Time) []byte {
	if !t.ready.Load() || t.closed() || len(data) < 2 || data[1] < 192 || data[1] > 223 { // RFC 5761 section 4
		return scratch
	}
	t.inMu.Lock()
	plain, err := t.in.rtcp(scratch, data)
	t.inMu.Unlock()
	if err != nil {
		return scratch
	}
	t.seen(now)
	t.handler.RTCP(plain)
	return plain
}

// SealRTP encrypts the packet of n bytes at the front of room, which b gave, where it stands, and adds it to the
// batch. It has no CSRCs. index is its sequence number with the rollover count above, counted from the
// stream's first packet; the same index must never come with other bytes. Only the shard that owns the transport may
// call it.
func (t *Transport) SealRTP(b *udp.Batch, room []byte, n int, index uint64) error {
	sealed, err := t.out.rtp(room, n, index)
	if err != nil {
		return err
	}
	b.Commit(t.Address(), len(sealed))
	return nil
}

// Address is where media goes; the zero value before the first check. It changes when the viewer changes its network. Only the
// shard that owns the transport may call it: by the next frame nothing of a viewer is in the processor's cache, and a copy beside
// the rest is one line less to wait for.
func (t *Transport) Address() netip.AddrPort {
	if a := t.addr.Load(); a != nil && a != t.to {
		t.to, t.toIs = a, *a
	}
	return t.toIs
}

// SealRTCP is SealRTP for a compound RTCP packet.
func (t *Transport) SealRTCP(b *udp.Batch, room []byte, n int) error {
	sealed, err := t.out.rtcp(room, n)
	if err != nil {
		return err
	}
	b.Commit(t.Address(), len(sealed))
	return nil
}

// Close ends the transport; Gone is called before it returns, or was before. Safe to call from anywhere, also from
// the handler.
func (t *Transport) Close() {
	if !t.gone.CompareAndSwap(false, true) {
		return
	}
	t.host.forget(t)
	if p := t.dtls.Load(); p != nil {
		_ = p.Close()
	}
	t.handler.Gone()
}

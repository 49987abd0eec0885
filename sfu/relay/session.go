package relay

import (
	"context"
	"crypto/ed25519"
	"crypto/x509"
	"errors"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu"
	"betang/sfu/relay/hop"

	"github.com/pion/dtls/v3"
	"github.com/pion/interceptor/pkg/twcc"
)

const (
	handshakeTime = 5 * time.Second
	pingEvery     = time.Second
	silentFor     = 4 * time.Second // then the link is lost
	replayWindow  = 1024            // datagrams that may overtake one another
)

// session is one link that is up: DTLS to a neighbour whose key is known.
type session struct {
	n    *Node
	key  ed25519.PublicKey
	conn *dtls.Conn
	line *line

	stats *linkStats
	heard atomic.Int64 // Unix ns
	rtt   atomic.Int64 // ns; 0: not known yet
	ahead atomic.Int64 // the neighbour's clock minus ours, ns, as far as the quickest ping told
	best  int64        // rtt of that ping; the reader's
	taken atomic.Pointer[map[uint32]*sfu.Remote]

	told   sync.Mutex // guards the next two
	came   *twcc.Recorder
	toldAt time.Time
	began  time.Time

	held     atomic.Pointer[map[uint32]bool] // layers that the path to the neighbour does not carry
	estimate atomic.Int64                    // of that path, bits a second
	lossy    atomic.Int64                    // of what goes there, parts in a million

	pump chan order
	done chan struct{}
	once sync.Once
	work sync.WaitGroup
}

// options are DTLS as both ends speak it. known says whether a key may come in.
func (n *Node) options(seen *ed25519.PublicKey, known func(ed25519.PublicKey) bool) []dtls.Option {
	return []dtls.Option{
		dtls.WithCertificates(n.cert),
		dtls.WithCipherSuites(dtls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256),
		dtls.WithExtendedMasterSecret(dtls.RequireExtendedMasterSecret),
		dtls.WithInsecureSkipVerify(true), // of chains and names: the key is what counts, here:
		dtls.WithVerifyPeerCertificate(func(certs [][]byte, _ [][]*x509.Certificate) error {
			key, err := keyOf(certs)
			if err != nil {
				return err
			}
			if !known(key) {
				return errors.New("relay: a key we do not know")
			}
			*seen = key
			return nil
		}),
		dtls.WithFlightInterval(250 * time.Millisecond),
		dtls.WithReplayProtectionWindow(replayWindow),
		dtls.WithMTU(1200),
		dtls.WithLoggerFactory(sfu.PionLogs(n.log)),
	}
}

// client and server make one end of it. The server asks for no cookie of DTLS's: the line's has proven the address.
func client(l *line, options []dtls.Option) (*dtls.Conn, error) {
	list := make([]dtls.ClientOption, 0, len(options))
	for _, o := range options {
		list = append(list, o)
	}
	return dtls.ClientWithOptions(l, l.to, list...)
}

func server(l *line, options []dtls.Option) (*dtls.Conn, error) {
	list := []dtls.ServerOption{dtls.WithClientAuth(dtls.RequireAnyClientCert), dtls.WithInsecureSkipVerifyHello(true)}
	for _, o := range options {
		list = append(list, o)
	}
	return dtls.ServerWithOptions(l, l.to, list...)
}

// shake does the handshake over a line and gives the session, not begun yet.
func (n *Node) shake(ctx context.Context, l *line, dials bool, known func(ed25519.PublicKey) bool) (*session, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	s := &session{n: n, line: l, pump: make(chan order, pumpDepth), done: make(chan struct{}), came: twcc.NewRecorder(0), began: time.Now()}
	s.taken.Store(&map[uint32]*sfu.Remote{})
	s.held.Store(&map[uint32]bool{})
	var err error
	if dials {
		s.conn, err = client(l, n.options(&s.key, known))
	} else {
		s.conn, err = server(l, n.options(&s.key, known))
	}
	if err != nil {
		return nil, errors.Join(err, l.Close())
	}
	if err := s.conn.HandshakeContext(ctx); err != nil {
		return nil, errors.Join(err, s.conn.Close(), l.Close())
	}
	l.cookie.Store(nil)
	s.heard.Store(time.Now().UnixNano())
	return s, nil
}

// begin starts the goroutines.
func (s *session) begin(stats *linkStats) {
	s.stats = stats
	s.work.Go(s.read)
	s.work.Go(s.runPump)
	s.work.Go(s.pings)
}

// end closes the link and waits.
func (s *session) end() {
	s.once.Do(func() { close(s.done) })
	_ = s.conn.Close()
	_ = s.line.Close()
	s.work.Wait()
}

// send writes one message.
func (s *session) send(m hop.Message) {
	b := hop.Append(make([]byte, 0, 512), m)
	s.stats.controlOut.Add(1)
	s.stats.bytesOut.Add(uint64(len(b)))
	_, _ = s.conn.Write(b) // lost like any datagram; all that matters is repeated
}

// read takes in what comes, until the link is closed.
func (s *session) read() {
	buf := make([]byte, 8192) // pion wants room for the largest record
	for {
		n, err := s.conn.Read(buf)
		if err != nil {
			s.n.lost(s)
			return
		}
		now := time.Now()
		s.heard.Store(now.UnixNano())
		s.stats.bytesIn.Add(uint64(n))
		if p, ok := hop.ParsePacket(buf[:n]); ok {
			s.packet(p, now)
			continue
		}
		m, err := hop.Parse(buf[:n])
		if err != nil {
			s.stats.broken.Add(1)
			continue
		}
		s.stats.controlIn.Add(1)
		switch m := m.(type) {
		case hop.Ping:
			s.send(hop.Pong{At: m.At, Mine: now.UnixNano()})
		case hop.Pong:
			s.pong(m, now.UnixNano())
		case hop.Padding:
			s.note(m.Number, now)
		case hop.Arrived:
			s.order(order{told: m.Told})
		case hop.Nack:
			s.stats.nacksIn.Add(uint64(len(m.Seqs)))
			s.order(order{again: &m})
		case hop.KeyFrame:
			s.stats.keysIn.Add(1)
			s.order(order{key: m.Layer})
		default:
			s.n.tell(letter{s, m})
		}
	}
}

func (s *session) packet(p hop.Packet, now time.Time) {
	s.stats.packetsIn.Add(1)
	s.note(p.Number, now)
	if s.rtt.Load() > 0 {
		d := int32(uint32(now.UnixMicro()) - p.Sent - uint32(-s.ahead.Load()/1000))
		s.stats.delay.observe(time.Duration(d) * time.Microsecond)
	}
	if r := (*s.taken.Load())[p.Layer]; r == nil || !r.Packet(sfu.RemotePacket{
		Layer: p.Layer, Seq: uint64(p.Seq), Stamp: p.Stamp, Marker: p.Marker, Payload: p.Payload, RTT: time.Duration(s.rtt.Load()),
	}) {
		s.stats.stray.Add(1)
	}
}

// note keeps when a numbered packet came, and tells the neighbour some ten times a second.
func (s *session) note(number uint16, now time.Time) {
	s.told.Lock()
	defer s.told.Unlock()
	s.came.Record(0, number, now.Sub(s.began).Microseconds())
	if now.Sub(s.toldAt) >= budgetEvery {
		s.tellLocked(now)
	}
}

// tellLocked sends what came since last time.
func (s *session) tellLocked(now time.Time) {
	s.toldAt = now
	if s.came.PacketsHeld() == 0 {
		return
	}
	for _, p := range s.came.BuildFeedbackPacket() {
		if raw, err := p.Marshal(); err == nil && len(raw) > rtcpHead && len(raw)-rtcpHead <= hop.MaxTold {
			s.send(hop.Arrived{Told: raw[rtcpHead:]})
		}
	}
}

// rtcpHead is what stands before the control information of feedback: the header and two SSRCs (RFC 4585 section 6.1).
const rtcpHead = 12

// pong learns the round trip, and from the quickest one how the clocks stand to each other.
func (s *session) pong(m hop.Pong, now int64) {
	rtt := now - m.At
	if rtt < 0 || rtt > int64(time.Minute) {
		return // not an answer to any of ours
	}
	rtt = max(rtt, 1000)
	if s.best == 0 || rtt <= s.best {
		s.best = rtt
		s.ahead.Store(m.Mine - (m.At + rtt/2))
	}
	s.best += s.best / 64 // so that a clock that drifts is followed
	if was := s.rtt.Load(); was > 0 {
		rtt = (7*was + rtt) / 8
	}
	s.rtt.Store(rtt)
}

// pings measures the link and finds out when it is dead.
func (s *session) pings() {
	tick := time.NewTicker(pingEvery)
	defer tick.Stop()
	s.send(hop.Ping{At: time.Now().UnixNano()})
	for {
		select {
		case <-s.done:
			return
		case now := <-tick.C:
			if now.UnixNano()-s.heard.Load() > int64(silentFor) {
				s.n.lost(s)
				return
			}
			s.send(hop.Ping{At: now.UnixNano()})
			s.told.Lock()
			s.tellLocked(now)
			s.told.Unlock()
		}
	}
}

package sfu

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"math/rand/v2"
	"net"
	"net/netip"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"

	"betang/sfu/answer"
	"betang/sfu/codec"
	"betang/sfu/lite"
	"betang/sfu/udp"
)

// leanLink is the transport of a viewer that only receives: no PeerConnection, and once connected no goroutine.
type leanLink struct {
	v       *viewer
	changed atomic.Pointer[func()]
	batch   *udp.Batch // its shard's

	// Guarded by peer.neg.
	t       *lite.Transport // nil before the first answer; then immutable
	peer    fragment        // the viewer's ICE credentials, by which a restart is told
	finger  []byte
	session uint64
	version uint64
}

var (
	_ link         = (*leanLink)(nil)
	_ outlet       = (*leanLink)(nil)
	_ lite.Handler = (*leanLink)(nil)
)

// newLeanLink is nil when the offer asks for what only a PeerConnection does.
func newLeanLink(v *viewer, o *offer) *leanLink {
	if _, err := answer.Parse(o.text); err != nil {
		return nil
	}
	return &leanLink{v: v, batch: v.shard.batch, session: rand.Uint64() >> 2}
}

func (l *leanLink) answer(_ context.Context, o *offer) (string, error) {
	in, err := answer.Parse(o.text)
	if err != nil {
		return "", invalid("offer", err)
	}
	peer := fragment{in.Ufrag, in.Pwd}
	switch {
	case l.t == nil:
		t, err := l.v.e.host.Open(in.Fingerprint, l)
		if errors.Is(err, net.ErrClosed) {
			return "", &Error{Code: MediaClosed}
		}
		if err != nil {
			return "", invalid("transport", err)
		}
		l.t = t
	case !bytes.Equal(l.finger, in.Fingerprint):
		return "", invalid("another certificate", nil)
	case l.t.State() == lite.Ended:
		return "", &Error{Code: PeerUnknown}
	case l.peer != peer:
		l.t.Restart()
	}
	l.peer, l.finger = peer.clone(), in.Fingerprint
	slots, err := l.slots(o, in)
	if err != nil {
		return "", err
	}
	l.version++
	if l.state() != linkNew {
		l.v.router.connected(l.v.peer) // fills slots that a later offer added
	}
	return answer.Build(in, l.params(), slots), nil
}

func (l *leanLink) params() answer.Params {
	ufrag, pwd := l.t.Credentials()
	return answer.Params{
		Ufrag: ufrag, Pwd: pwd, Fingerprint: l.v.e.host.Fingerprint(), Candidates: l.v.e.candidates,
		SessionID: l.session, Version: l.version,
	}
}

func (l *leanLink) restart(_ context.Context, f fragment) (string, error) {
	if l.peer == f {
		return "", nil
	}
	if l.t.State() == lite.Ended {
		return "", &Error{Code: PeerUnknown}
	}
	l.t.Restart()
	l.peer = f.clone()
	var open []answer.Media
	for _, d := range l.v.all() {
		open = append(open, answer.Media{Mid: d.mid, Kind: d.kind.String()})
	}
	return answer.Fragment(open, l.params()), nil
}

// slots binds the m-lines and says what the answer promises for each.
func (l *leanLink) slots(o *offer, in answer.Offer) ([]answer.Slot, error) {
	err := l.v.bindSlots(o, func(d *Down, s section) error {
		d.ssrc = freshSSRC()
		d.formats = l.usable(s.formats)
		if slices.ContainsFunc(d.formats, func(f format) bool { return f.rtx != 0 }) {
			d.rtxSSRC = freshSSRC()
			d.repairs = !slices.ContainsFunc(d.formats, func(f format) bool { return f.rtx == 0 })
		}
		l.v.known(d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	if id, ok := in.TransportCC(); ok && l.version == 0 {
		l.v.extID = id
		l.v.estimator()
	}
	slots := make([]answer.Slot, len(in.Media))
	for i, s := range o.sections {
		if !s.takes {
			continue
		}
		for _, d := range l.v.all() {
			if d.mid == s.mid {
				slots[i] = answer.Slot{
					Codecs: in.Media[i].Codecs, SSRC: d.ssrc, RTX: d.rtxSSRC, Stream: d.stream, TransportCC: l.v.extID,
				}
				if e, ok := in.Media[i].Ext(answer.PlayoutDelayURI); ok && l.v.extID != 0 {
					slots[i].Exts, l.v.playout = append(slots[i].Exts, e), e.ID
				}
			}
		}
	}
	return slots, nil
}

// usable are the formats of an m-line that we send in. M-lines of a kind offer the same ones, so they share the list, which
// holds nothing of the offer's text.
func (l *leanLink) usable(offered []format) []format {
	list := slices.DeleteFunc(slices.Clone(offered), func(f format) bool { return f.kind == codec.H264 && f.mode != 1 })
	if bound := l.v.bound.Load(); bound != nil {
		for _, d := range *bound {
			if slices.Equal(d.formats, list) {
				return d.formats
			}
		}
	}
	list = slices.Clip(list)
	for i := range list {
		list[i].profile = strings.Clone(list[i].profile)
	}
	return list
}

// freshSSRC is random and not 0. Two of a viewer's twelve being the same has a chance of one in 60 million.
func freshSSRC() uint32 { return max(rand.Uint32(), 1) }

func (l *leanLink) state() linkState {
	if l.t == nil {
		return linkNew
	}
	switch l.t.State() {
	case lite.Ready:
		return linkUp
	case lite.Silent:
		return linkSilent
	case lite.Ended:
		return linkDown
	}
	return linkNew
}

func (l *leanLink) watch(changed func()) { l.changed.Store(&changed) }

func (l *leanLink) tell() {
	if f := l.changed.Load(); f != nil {
		(*f)()
	}
}

// Connected, Quiet, Back, Gone and RTCP implement lite.Handler.
func (l *leanLink) Connected() { l.tell() }

// Quiet is called when the viewer is not heard.
func (l *leanLink) Quiet() { l.tell() }

// Back is called when it is heard again.
func (l *leanLink) Back() { l.tell() }

// Gone is called at the end.
func (l *leanLink) Gone() { l.tell() }

// RTCP takes the viewer's feedback.
func (l *leanLink) RTCP(packet []byte) { l.v.feedback(0, packet) }

func (l *leanLink) close() error {
	if l.t != nil {
		l.t.Close()
	}
	return nil
}

// headerSize is that of an RTP header without CSRCs and extensions.
const headerSize = 12

// transportExt is what the transport-wide number adds (RFC 8285 section 4.2).
const transportExt = 8

var errTooLong = errors.New("packet too long")

func (l *leanLink) sendRTP(s *shard, d *Down, h *rtp.Header, index uint64, payload []byte, pad int) error {
	v := l.v
	exts := v.extSize(d, s.now)
	head := headerSize + exts
	n := head + len(payload)
	if n+pad > udp.MaxDatagram-lite.Overhead || d.rtxSSRC == 0 || d.format.rtx == 0 {
		// Without RTX a packet may go out again under its own number, and must then be the same to the last byte.
		pad = 0
	}
	if n > udp.MaxDatagram-lite.Overhead {
		return errTooLong
	}
	room, err := l.batch.Room()
	s.flushed(err)
	room[0] = 2 << 6
	room[1] = h.PayloadType
	if h.Marker {
		room[1] |= 0x80
	}
	binary.BigEndian.PutUint16(room[2:], h.SequenceNumber)
	binary.BigEndian.PutUint32(room[4:], h.Timestamp)
	binary.BigEndian.PutUint32(room[8:], h.SSRC)
	if exts > 0 {
		room[0] |= 1 << 4
		v.extend(room[headerSize:head], v.number(d, h.SSRC, index, n+pad+onTheWire-headerSize-transportExt, s.now))
	}
	copy(room[head:], payload)
	if pad > 0 { // RFC 3550 section 5.1
		room[0] |= 1 << 5
		clear(room[n : n+pad-1])
		room[n+pad-1] = byte(pad)
		n += pad
	}
	return l.t.SealRTP(l.batch, room, n, index)
}

func (l *leanLink) sendPadding(s *shard, d *Down, pt uint8, index uint64) error {
	if l.v.extID == 0 {
		return errors.ErrUnsupported
	}
	room, err := l.batch.Room()
	s.flushed(err)
	const n = headerSize + transportExt + padMost
	room[0], room[1] = 2<<6|1<<5|1<<4, pt
	binary.BigEndian.PutUint16(room[2:], uint16(index))
	binary.BigEndian.PutUint32(room[4:], d.stamp)
	binary.BigEndian.PutUint32(room[8:], d.rtxSSRC)
	l.v.extend(room[headerSize:headerSize+transportExt], l.v.est.Send(padMost+onTheWire, s.now))
	clear(room[headerSize+transportExt : n-1])
	room[n-1] = padMost
	return l.t.SealRTP(l.batch, room, n, index)
}

func (l *leanLink) path() netip.AddrPort { return l.t.Address() }

func (l *leanLink) sendRTCP(s *shard, packets []rtcp.Packet) error {
	raw, err := rtcp.Marshal(packets)
	if err != nil {
		return err
	}
	if len(raw) > udp.MaxDatagram-lite.Overhead {
		return errTooLong
	}
	room, err := l.batch.Room()
	s.flushed(err)
	return l.t.SealRTCP(l.batch, room, copy(room, raw))
}

// hostCandidates are the addresses viewers are told, the ones announced by hand first, this machine's own loopback last.
func hostCandidates(listen []net.Addr, public []string) []netip.AddrPort {
	var out, loopback []netip.AddrPort
	var port uint16
	for _, a := range listen {
		u, ok := a.(*net.UDPAddr)
		if !ok {
			continue
		}
		ap := u.AddrPort()
		addr := ap.Addr().Unmap().WithZone("")
		port = ap.Port()
		switch {
		case addr.IsLoopback():
			loopback = append(loopback, netip.AddrPortFrom(addr, port))
		case addr.IsLinkLocalUnicast() && addr.Is6(), addr.IsUnspecified(), addr.IsMulticast():
		default:
			out = append(out, netip.AddrPortFrom(addr, port))
		}
	}
	var first []netip.AddrPort
	for _, p := range public {
		if addr, err := netip.ParseAddr(p); err == nil {
			first = append(first, netip.AddrPortFrom(addr.Unmap(), port))
		}
	}
	return slices.Concat(first, out, loopback)
}

package lite

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
)

// keys are one side's SRTP master key and salt.
type keys struct{ key, salt []byte }

// sealer protects what goes to a viewer, opener what comes back. The GCM ones are our own, for they are most of the work
// besides the kernel's and pion's keep maps by SSRC and more ciphers than a viewer has streams; anything else is pion's.
// Neither allocates for a packet, and neither is safe for concurrent use.
type sealer interface {
	// rtp seals the packet of n bytes at the front of room in place. index is its sequence number with the rollover count
	// above (RFC 3711 section 3.3.1). The same index must never come with other bytes.
	rtp(room []byte, n int, index uint64) ([]byte, error)
	rtcp(room []byte, n int) ([]byte, error)
}

type opener interface {
	// rtcp gives the plain packet, in dst's memory if it fits.
	rtcp(dst, sealed []byte) ([]byte, error)
}

// newCiphers makes both from the keys that DTLS agreed on.
func newCiphers(profile srtp.ProtectionProfile, ours, theirs keys) (sealer, opener, error) {
	switch profile {
	case srtp.ProtectionProfileAeadAes128Gcm, srtp.ProtectionProfileAeadAes256Gcm:
		s, err := newGCMSealer(ours)
		if err != nil {
			return nil, nil, err
		}
		o, err := newGCMOpener(theirs)
		return s, o, err
	}
	out, err := srtp.CreateContext(ours.key, ours.salt, profile)
	if err != nil {
		return nil, nil, err
	}
	in, err := srtp.CreateContext(theirs.key, theirs.salt, profile, srtp.SRTCPReplayProtection(64))
	return &pionSealer{out: out}, pionOpener{in}, err
}

// pionSealer is for AES-CM with HMAC-SHA1, where a viewer offers no GCM.
type pionSealer struct {
	out    *srtp.Context
	header rtp.Header
}

func (s *pionSealer) rtp(room []byte, n int, _ uint64) ([]byte, error) {
	s.header = rtp.Header{CSRC: s.header.CSRC[:0], Extensions: s.header.Extensions[:0]}
	if _, err := s.header.Unmarshal(room[:n]); err != nil {
		return nil, err
	}
	return s.out.EncryptRTP(room[:n], room[:n], &s.header)
}

func (s *pionSealer) rtcp(room []byte, n int) ([]byte, error) {
	sealed, err := s.out.EncryptRTCP(nil, room[:n], nil)
	return append(room[:0], sealed...), err
}

type pionOpener struct{ in *srtp.Context }

func (o pionOpener) rtcp(dst, sealed []byte) ([]byte, error) {
	return o.in.DecryptRTCP(dst[:0], sealed, nil)
}

// Labels of the key derivation (RFC 3711 section 4.3.2).
const (
	labelRTP      = 0x00
	labelRTPSalt  = 0x02
	labelRTCP     = 0x03
	labelRTCPSalt = 0x05
)

const (
	gcmTag     = 16
	gcmNonce   = 12
	rtcpHeader = 8
	rtcpIndex  = 4
)

// gcmHalf is the cipher and salt of one direction's RTP or RTCP.
type gcmHalf struct {
	aead  cipher.AEAD
	salt  [gcmNonce]byte
	nonce [gcmNonce]byte // scratch, as is the next
	aad   [rtcpHeader + rtcpIndex]byte
}

func newGCMHalf(master keys, label, saltLabel byte) (gcmHalf, error) {
	var h gcmHalf
	key, err := derive(master, label, len(master.key))
	if err != nil {
		return h, err
	}
	salt, err := derive(master, saltLabel, gcmNonce)
	if err != nil {
		return h, err
	}
	copy(h.salt[:], salt)
	block, err := aes.NewCipher(key)
	if err != nil {
		return h, err
	}
	h.aead, err = cipher.NewGCM(block)
	return h, err
}

// derive is the key derivation with AES-CM and rate 0 (RFC 3711 section 4.3.3); a salt of 12 bytes is taken as if two zeros
// followed (RFC 7714 section 11).
func derive(master keys, label byte, size int) ([]byte, error) {
	block, err := aes.NewCipher(master.key)
	if err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if len(master.salt) > 14 {
		return nil, errors.New("master salt is too long")
	}
	var in [aes.BlockSize]byte
	copy(in[:], master.salt)
	in[7] ^= label
	var out []byte
	for i := uint16(0); len(out) < size; i++ {
		binary.BigEndian.PutUint16(in[14:], i)
		var b [aes.BlockSize]byte
		block.Encrypt(b[:], in[:])
		out = append(out, b[:]...)
	}
	return out[:size], nil
}

// gcmSealer is RFC 7714.
type gcmSealer struct {
	media, control gcmHalf
	index          uint32 // of the last RTCP packet
}

func newGCMSealer(master keys) (*gcmSealer, error) {
	media, err := newGCMHalf(master, labelRTP, labelRTPSalt)
	if err != nil {
		return nil, err
	}
	control, err := newGCMHalf(master, labelRTCP, labelRTCPSalt)
	return &gcmSealer{media: media, control: control}, err
}

var errShortPacket = errors.New("packet is too short")

// rtp is for packets without CSRCs: their header is 12 bytes and the extension (RFC 3550 section 5.3.1), which stays in the clear.
func (s *gcmSealer) rtp(room []byte, n int, index uint64) ([]byte, error) {
	header := 12
	if n >= 16 && room[0]&0x10 != 0 {
		header += 4 + 4*(int(room[14])<<8|int(room[15]))
	}
	if n < header || cap(room) < n+gcmTag {
		return nil, errShortPacket
	}
	h := &s.media
	h.nonce = h.salt
	for i := range 4 {
		h.nonce[2+i] ^= room[8+i] // SSRC
	}
	roc := uint32(index >> 16)
	h.nonce[6] ^= byte(roc >> 24)
	h.nonce[7] ^= byte(roc >> 16)
	h.nonce[8] ^= byte(roc >> 8)
	h.nonce[9] ^= byte(roc)
	h.nonce[10] ^= room[2]
	h.nonce[11] ^= room[3]
	h.aead.Seal(room[header:header], h.nonce[:], room[header:n], room[:header])
	return room[:n+gcmTag], nil
}

func (s *gcmSealer) rtcp(room []byte, n int) ([]byte, error) {
	if n < rtcpHeader || cap(room) < n+gcmTag+rtcpIndex {
		return nil, errShortPacket
	}
	s.index = (s.index + 1) & 0x7fffffff
	aad := &s.control.aad
	copy(aad[:], room[:rtcpHeader])
	binary.BigEndian.PutUint32(aad[rtcpHeader:], 1<<31|s.index)
	s.control.rtcpNonce(room, s.index)
	s.control.aead.Seal(room[rtcpHeader:rtcpHeader], s.control.nonce[:], room[rtcpHeader:n], aad[:])
	return append(room[:n+gcmTag], aad[rtcpHeader:]...), nil
}

// rtcpNonce is of a packet that begins with its header and SSRC (RFC 7714 section 9.1).
func (h *gcmHalf) rtcpNonce(packet []byte, index uint32) {
	h.nonce = h.salt
	for i := range 4 {
		h.nonce[2+i] ^= packet[4+i]
	}
	h.nonce[8] ^= byte(index >> 24)
	h.nonce[9] ^= byte(index >> 16)
	h.nonce[10] ^= byte(index >> 8)
	h.nonce[11] ^= byte(index)
}

// maxReporters bounds the SSRCs a viewer reports under; a browser uses one or two for each m-line.
const maxReporters = 16

// gcmOpener is RFC 7714 for RTCP; RTP from a viewer is not read.
type gcmOpener struct {
	control gcmHalf
	seen    []replay
}

// replay is the window of one SSRC (RFC 3711 section 3.3.2).
type replay struct {
	ssrc    uint32
	highest uint32
	window  uint64 // bit i: highest-i was seen
}

func newGCMOpener(master keys) (*gcmOpener, error) {
	control, err := newGCMHalf(master, labelRTCP, labelRTCPSalt)
	return &gcmOpener{control: control}, err
}

var (
	errReplayed   = errors.New("packet came before")
	errPlainRTCP  = errors.New("packet is not encrypted")
	errForgedRTCP = errors.New("packet is not authentic")
)

func (o *gcmOpener) rtcp(dst, sealed []byte) ([]byte, error) {
	n := len(sealed) - gcmTag - rtcpIndex
	if n < rtcpHeader {
		return nil, errShortPacket
	}
	word := binary.BigEndian.Uint32(sealed[n+gcmTag:])
	if word>>31 == 0 {
		return nil, errPlainRTCP
	}
	index := word & 0x7fffffff
	ssrc := binary.BigEndian.Uint32(sealed[4:])
	at := o.find(ssrc)
	if at >= 0 && !o.seen[at].fresh(index) {
		return nil, errReplayed
	}
	aad := &o.control.aad
	copy(aad[:], sealed[:rtcpHeader])
	binary.BigEndian.PutUint32(aad[rtcpHeader:], word)
	o.control.rtcpNonce(sealed, index)
	dst = append(dst[:0], sealed[:rtcpHeader]...)
	plain, err := o.control.aead.Open(dst, o.control.nonce[:], sealed[rtcpHeader:n+gcmTag], aad[:])
	if err != nil {
		return nil, errForgedRTCP
	}
	if at < 0 {
		if len(o.seen) == maxReporters {
			o.seen = append(o.seen[:0], o.seen[1:]...)
		}
		at = len(o.seen)
		o.seen = append(o.seen, replay{ssrc: ssrc, highest: index})
	}
	o.seen[at].note(index)
	return plain, nil
}

func (o *gcmOpener) find(ssrc uint32) int {
	for i := range o.seen {
		if o.seen[i].ssrc == ssrc {
			return i
		}
	}
	return -1
}

func (r *replay) fresh(index uint32) bool {
	if index > r.highest {
		return true
	}
	back := r.highest - index
	return back < 64 && r.window>>back&1 == 0
}

func (r *replay) note(index uint32) {
	if index > r.highest {
		shift := index - r.highest
		r.highest = index
		if shift >= 64 {
			r.window = 0
		} else {
			r.window <<= shift
		}
	}
	r.window |= 1 << (r.highest - index)
}

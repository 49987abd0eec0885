package hop

import (
	"encoding/binary"
	"errors"
)

// The bounds of what a neighbour may say.
const (
	MaxName   = 96   // bytes of a router's or a source's name
	MaxLayers = 8    // of a source
	MaxVoices = 64   // of a scene
	MaxTiles  = 16   // likewise
	MaxHops   = 8    // nodes between a source and a viewer
	MaxNacks  = 256  // packets asked for at a time
	MaxTold   = 1200 // bytes of an Arrived, and of a Padding
)

// ErrMessage is what Parse says of bytes that are no message of ours.
var ErrMessage = errors.New("relay: not a message")

type kind uint8

const (
	kindPing kind = iota + 1
	kindPong
	kindWant
	kindSource
	kindScene
	kindNack
	kindKey
	kindPacket
	kindArrived
	kindPadding
)

// Key names what is wanted: a source of a router, or with no source the router's scene.
type Key struct{ Router, Source string }

// NodeID is the beginning of a node's public key, enough to see that a path comes back to where it was.
type NodeID [8]byte

// Message is one of the types below.
type Message interface{ append(b []byte) []byte }

// Ping asks for a Pong. At is the sender's clock (Unix ns).
type Ping struct{ At int64 }

// Pong answers a Ping: its At, and the answerer's clock.
type Pong struct{ At, Mine int64 }

// Want says what the sender needs of a source now. It holds for Lease.
type Want struct {
	Key
	Version uint32   // grows with each change
	Stop    bool     // nothing any more
	Layers  []uint32 // of which packets are wanted, by their ids in Source
}

// Source answers a Want of a source: what there is of it.
type Source struct {
	Key
	Echo   uint32 // version of the last Want
	Known  bool   // false: there is no such source here, now
	Loud   uint8
	Path   []NodeID // the nodes it comes through, the answerer first
	Layers []Layer
}

// Layer describes one layer of a source.
type Layer struct {
	ID      uint32 // names the layer on this link
	SSRC    uint32 // tells a new stream under an old id
	Codec   uint8  // codec.Kind
	Profile string // of H.264
	Live    bool   // packets came lately
	Held    bool   // and none are sent on: the path does not carry it
	Pixels  uint32
	Rate    uint32    // bits a second
	TIDs    [4]uint32 // likewise, up to each temporal layer
	Timed   bool      // At and Stamp are known
	At      int64     // a time of the answerer's clock, Unix ns
	Stamp   uint32    // and the RTP timestamp of that time
}

// Scene answers a Want of a router's scene.
type Scene struct {
	Router                    string
	Echo                      uint32
	Known                     bool
	Path                      []NodeID
	Main, Second, Interpreter string
	Voices                    []string
	Tiles                     []string
	Hush                      bool
	MainShared, SecondShared  bool // they are shared screens
}

// Nack asks for packets of a layer again.
type Nack struct {
	Layer uint32
	Seqs  []uint16
}

// KeyFrame asks for a keyframe of a layer.
type KeyFrame struct{ Layer uint32 }

// Arrived tells which packets came, by their Number, and when: the control information of transport-wide feedback
// (draft-holmer-rmcat-transport-wide-cc-extensions-01, section 3.1).
type Arrived struct{ Told []byte }

// Padding fills the path for a moment, to see what it carries.
type Padding struct {
	Number uint16
	Fill   []byte
}

// Append writes a message.
func Append(b []byte, m Message) []byte { return m.append(b) }

// Parse reads a message that is no packet. What it gives shares nothing with b.
func Parse(b []byte) (Message, error) {
	if len(b) == 0 {
		return nil, ErrMessage
	}
	r := reader{b: b[1:]}
	var m Message
	switch kind(b[0]) {
	case kindPing:
		m = Ping{At: int64(r.u64())}
	case kindPong:
		m = Pong{At: int64(r.u64()), Mine: int64(r.u64())}
	case kindWant:
		m = r.want()
	case kindSource:
		m = r.source()
	case kindScene:
		m = r.scene()
	case kindNack:
		n := Nack{Layer: r.u32()}
		for range r.count(MaxNacks) {
			n.Seqs = append(n.Seqs, r.u16())
		}
		m = n
	case kindKey:
		m = KeyFrame{Layer: r.u32()}
	case kindArrived:
		m = Arrived{Told: r.rest(MaxTold)}
	case kindPadding:
		m = Padding{Number: r.u16(), Fill: r.rest(MaxTold)}
	default:
		return nil, ErrMessage
	}
	if r.bad || len(r.b) > 0 {
		return nil, ErrMessage
	}
	return m, nil
}

func (m Arrived) append(b []byte) []byte { return append(append(b, byte(kindArrived)), m.Told...) }

func (m Padding) append(b []byte) []byte {
	return append(binary.BigEndian.AppendUint16(append(b, byte(kindPadding)), m.Number), m.Fill...)
}

func (m Ping) append(b []byte) []byte {
	return binary.BigEndian.AppendUint64(append(b, byte(kindPing)), uint64(m.At))
}

func (m Pong) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint64(append(b, byte(kindPong)), uint64(m.At))
	return binary.BigEndian.AppendUint64(b, uint64(m.Mine))
}

func (m Want) append(b []byte) []byte {
	b = m.Key.append(append(b, byte(kindWant)))
	b = binary.BigEndian.AppendUint32(b, m.Version)
	b = appendBool(b, m.Stop)
	n := min(len(m.Layers), MaxLayers)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	for _, l := range m.Layers[:n] {
		b = binary.BigEndian.AppendUint32(b, l)
	}
	return b
}

func (r *reader) want() Want {
	m := Want{Key: r.key(), Version: r.u32(), Stop: r.flag()}
	for range r.count(MaxLayers) {
		m.Layers = append(m.Layers, r.u32())
	}
	return m
}

func (m Source) append(b []byte) []byte {
	b = m.Key.append(append(b, byte(kindSource)))
	b = binary.BigEndian.AppendUint32(b, m.Echo)
	b = append(appendBool(b, m.Known), m.Loud)
	b = appendPath(b, m.Path)
	n := min(len(m.Layers), MaxLayers)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	for _, l := range m.Layers[:n] {
		b = binary.BigEndian.AppendUint32(b, l.ID)
		b = binary.BigEndian.AppendUint32(b, l.SSRC)
		b = appendText(append(b, l.Codec), l.Profile)
		b = appendBool(appendBool(b, l.Live), l.Held)
		b = binary.BigEndian.AppendUint32(b, l.Pixels)
		b = binary.BigEndian.AppendUint32(b, l.Rate)
		for _, t := range l.TIDs {
			b = binary.BigEndian.AppendUint32(b, t)
		}
		b = appendBool(b, l.Timed)
		b = binary.BigEndian.AppendUint64(b, uint64(l.At))
		b = binary.BigEndian.AppendUint32(b, l.Stamp)
	}
	return b
}

func (r *reader) source() Source {
	m := Source{Key: r.key(), Echo: r.u32(), Known: r.flag(), Loud: r.u8(), Path: r.path()}
	for range r.count(MaxLayers) {
		l := Layer{ID: r.u32(), SSRC: r.u32(), Codec: r.u8(), Profile: r.text(), Live: r.flag(), Held: r.flag(), Pixels: r.u32(), Rate: r.u32()}
		for i := range l.TIDs {
			l.TIDs[i] = r.u32()
		}
		l.Timed, l.At, l.Stamp = r.flag(), int64(r.u64()), r.u32()
		m.Layers = append(m.Layers, l)
	}
	return m
}

func (m Scene) append(b []byte) []byte {
	b = appendText(append(b, byte(kindScene)), m.Router)
	b = binary.BigEndian.AppendUint32(b, m.Echo)
	b = appendPath(appendBool(b, m.Known), m.Path)
	b = appendText(appendText(appendText(b, m.Main), m.Second), m.Interpreter)
	b = appendNames(b, m.Voices, MaxVoices)
	b = appendNames(b, m.Tiles, MaxTiles)
	return appendBool(appendBool(appendBool(b, m.Hush), m.MainShared), m.SecondShared)
}

func (r *reader) scene() Scene {
	m := Scene{
		Router: r.text(), Echo: r.u32(), Known: r.flag(), Path: r.path(), Main: r.text(), Second: r.text(), Interpreter: r.text(),
	}
	m.Voices, m.Tiles, m.Hush = r.names(MaxVoices), r.names(MaxTiles), r.flag()
	m.MainShared, m.SecondShared = r.flag(), r.flag()
	return m
}

func (m Nack) append(b []byte) []byte {
	b = binary.BigEndian.AppendUint32(append(b, byte(kindNack)), m.Layer)
	n := min(len(m.Seqs), MaxNacks)
	b = binary.BigEndian.AppendUint16(b, uint16(n))
	for _, s := range m.Seqs[:n] {
		b = binary.BigEndian.AppendUint16(b, s)
	}
	return b
}

func (m KeyFrame) append(b []byte) []byte {
	return binary.BigEndian.AppendUint32(append(b, byte(kindKey)), m.Layer)
}

func (k Key) append(b []byte) []byte { return appendText(appendText(b, k.Router), k.Source) }

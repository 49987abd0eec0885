package sfu

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
	"github.com/pion/transport/v5/packetio"
)

// FuzzRenumberExtension: of any packet that pion reads, an extension with the old number has the new one afterwards, where there was
// none of that and the form has room for it; all else stays as it was, and so does what is no packet.
func FuzzRenumberExtension(f *testing.F) {
	for _, number := range []uint8{3, 9, 14, 200} {
		h := rtp.Header{Version: 2, PayloadType: 97, CSRC: []uint32{7}, Extension: true, ExtensionProfile: rtp.ExtensionProfileOneByte}
		if number > 14 {
			h.ExtensionProfile = rtp.ExtensionProfileTwoByte
		}
		for _, id := range []uint8{3, number} {
			if err := h.SetExtension(id, []byte("q")); err != nil {
				f.Fatal(err)
			}
		}
		b, err := (&rtp.Packet{Header: h, Payload: []byte("payload")}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, number, uint8(11))
		f.Add(b, number, uint8(120))
		f.Add(b, number, uint8(3))
		f.Add(b[:len(b)-9], number, uint8(11))
	}
	f.Fuzz(func(t *testing.T, b []byte, from, to uint8) {
		var was, is rtp.Packet
		readable := was.Unmarshal(bytes.Clone(b)) == nil
		p := bytes.Clone(b)
		renumberExtension(p, from, to)
		if len(p) != len(b) {
			t.Fatal("another length")
		}
		changed := !bytes.Equal(p, b)
		if !readable {
			return
		}
		if err := is.Unmarshal(p); err != nil {
			t.Fatalf("%x became %x: %v", b, p, err)
		}
		short := was.ExtensionProfile == rtp.ExtensionProfileOneByte
		known := short || was.ExtensionProfile == rtp.ExtensionProfileTwoByte
		want := known && was.GetExtension(from) != nil && was.GetExtension(to) == nil && to > 0 && (!short || to < 15) && from != 0
		if want && !changed || changed && is.GetExtension(to) == nil {
			t.Fatalf("%x became %x, from %d to %d", b, p, from, to)
		}
		if !bytes.Equal(is.Payload, was.Payload) || is.SSRC != was.SSRC || len(is.GetExtensionIDs()) != len(was.GetExtensionIDs()) {
			t.Fatalf("%x became %x, from %d to %d", b, p, from, to)
		}
	})
}

// FuzzInbox: an inbox knows its layer by the name in the first packet that has one, as pion reads it, and gives way to another under that
// name.
func FuzzInbox(f *testing.F) {
	for _, id := range []uint8{3, 200} {
		h := rtp.Header{Version: 2, PayloadType: 96, CSRC: []uint32{7}, Extension: true, ExtensionProfile: rtp.ExtensionProfileOneByte}
		if id > 14 {
			h.ExtensionProfile = rtp.ExtensionProfileTwoByte
		}
		if err := h.SetExtension(id, []byte("q")); err != nil {
			f.Fatal(err)
		}
		b, err := (&rtp.Packet{Header: h, Payload: []byte("payload")}).Marshal()
		if err != nil {
			f.Fatal(err)
		}
		f.Add(b, id)
		f.Add(b[:20], id)
		f.Add(b, uint8(9))
	}
	f.Fuzz(func(t *testing.T, b []byte, rid uint8) {
		p, n := &publisher{}, &layerNames{rid: max(rid, 1)}
		for i := range n.media {
			n.media[i] = true
		}
		p.names.Store(n)
		boxes := [2]*inbox{}
		for i := range boxes {
			boxes[i] = &inbox{packets: packets{packetio.NewBuffer()}, p: p, ssrc: uint32(i)}
			for range 2 {
				if _, err := boxes[i].Write(bytes.Clone(b)); err != nil && len(b) > 0 {
					t.Skip() // too long for the buffer
				}
			}
		}
		var was rtp.Packet
		if was.Unmarshal(b) != nil {
			return
		}
		name := string(was.GetExtension(n.rid))
		if boxes[0].name != name || boxes[0].past != (name != "") || boxes[1].past || name != "" && p.layers[name] != boxes[1] {
			t.Fatalf("%x is of %q; %q, %v, %v", b, name, boxes[0].name, boxes[0].past, boxes[1].past)
		}
	})
}

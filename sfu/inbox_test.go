package sfu

import (
	"bytes"
	"testing"

	"github.com/pion/rtp"
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

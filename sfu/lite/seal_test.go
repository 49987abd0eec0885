package lite

import (
	"bytes"
	"net/netip"
	"testing"

	"github.com/pion/rtcp"
	"github.com/pion/rtp"
	"github.com/pion/srtp/v3"
	"pgregory.net/rapid"
)

var profiles = map[string]srtp.ProtectionProfile{
	"GCM-128": srtp.ProtectionProfileAeadAes128Gcm, "GCM-256": srtp.ProtectionProfileAeadAes256Gcm,
	"CM": srtp.ProtectionProfileAes128CmHmacSha1_80,
}

func drawKeys(t *rapid.T, p srtp.ProtectionProfile) keys {
	k, _ := p.KeyLen()
	s, _ := p.SaltLen()
	return keys{
		rapid.SliceOfN(rapid.Byte(), k, k).Draw(t, "key"), rapid.SliceOfN(rapid.Byte(), s, s).Draw(t, "salt"),
	}
}

// What we seal, pion opens, over the wrap of the sequence number and with losses.
func TestSealedMediaOpens(t *testing.T) {
	for name, p := range profiles {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ours := drawKeys(t, p)
				out, _, err := newCiphers(p, ours, ours)
				if err != nil {
					t.Fatal(err)
				}
				in, err := srtp.CreateContext(ours.key, ours.salt, p)
				if err != nil {
					t.Fatal(err)
				}
				index := rapid.Uint64Range(0, 0x7fff).Draw(t, "first")
				room := make([]byte, 1500)
				for range rapid.IntRange(1, 30).Draw(t, "count") {
					payload := rapid.SliceOfN(rapid.Byte(), 0, 1200).Draw(t, "payload")
					h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: uint16(index), Timestamp: 77, SSRC: 0xfedcba98, Marker: true}
					if rapid.Bool().Draw(t, "extension") {
						if err := h.SetExtension(3, rapid.SliceOfN(rapid.Byte(), 1, 16).Draw(t, "value")); err != nil {
							t.Fatal(err)
						}
					}
					n, _ := h.MarshalTo(room)
					head := n
					n += copy(room[n:], payload)
					sealed, err := out.rtp(room, n, index)
					if err != nil {
						t.Fatal(err)
					}
					plain, err := in.DecryptRTP(nil, sealed, nil)
					if err != nil || !bytes.Equal(plain[head:], payload) {
						t.Fatalf("index %d: %v", index, err)
					}
					index += rapid.Uint64Range(1, 20000).Draw(t, "step")
				}
			})
		})
	}
}

func TestControlBothWays(t *testing.T) {
	for name, p := range profiles {
		t.Run(name, func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				ours, theirs := drawKeys(t, p), drawKeys(t, p)
				out, in, err := newCiphers(p, ours, theirs)
				if err != nil {
					t.Fatal(err)
				}
				hears, err := srtp.CreateContext(ours.key, ours.salt, p)
				if err != nil {
					t.Fatal(err)
				}
				speaks := map[uint32]*srtp.Context{}
				room := make([]byte, 1500)
				for range rapid.IntRange(1, 100).Draw(t, "count") {
					ssrc := rapid.Uint32Range(1, 3).Draw(t, "ssrc")
					raw, err := rtcp.Marshal([]rtcp.Packet{&rtcp.ReceiverReport{SSRC: ssrc, Reports: []rtcp.ReceptionReport{{SSRC: 9}}}})
					if err != nil {
						t.Fatal(err)
					}
					sealed, err := out.rtcp(room, copy(room, raw))
					if err != nil {
						t.Fatal(err)
					}
					if plain, err := hears.DecryptRTCP(nil, sealed, nil); err != nil || !bytes.Equal(plain, raw) {
						t.Fatalf("ours: %v", err)
					}
					if speaks[ssrc] == nil { // as in a browser, each SSRC has its own count
						if speaks[ssrc], err = srtp.CreateContext(theirs.key, theirs.salt, p); err != nil {
							t.Fatal(err)
						}
					}
					sealed, err = speaks[ssrc].EncryptRTCP(nil, raw, nil)
					if err != nil {
						t.Fatal(err)
					}
					if plain, err := in.rtcp(nil, sealed); err != nil || !bytes.Equal(plain, raw) {
						t.Fatalf("theirs: %v", err)
					}
					if _, err := in.rtcp(nil, sealed); err == nil {
						t.Fatal("a repeated packet was taken")
					}
					sealed[rapid.IntRange(0, len(sealed)-1).Draw(t, "at")] ^= 1
					if _, err := in.rtcp(nil, sealed); err == nil {
						t.Fatal("a forged packet was taken")
					}
				}
			})
		})
	}
}

func TestOpeningAllocatesNothing(t *testing.T) {
	sends, err := Keyed(netip.AddrPort{})
	if err != nil {
		t.Fatal(err)
	}
	room, scratch := make([]byte, 200), make([]byte, 0, 200)
	if n := testing.AllocsPerRun(100, func() {
		copy(room, []byte{0x8f, 205, 0, 24, 0, 0, 0, 1})
		sealed, err := sends.out.rtcp(room, 100)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := sends.in.rtcp(scratch, sealed); err != nil {
			t.Fatal(err)
		}
	}); n != 0 {
		t.Errorf("%v allocations for a report", n)
	}
}

func TestReplayWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var r replay
		seen := map[uint32]bool{0: true}
		r.note(0)
		highest := uint32(0)
		for range rapid.IntRange(1, 200).Draw(t, "count") {
			index := uint32(max(0, int(highest)+rapid.IntRange(-80, 80).Draw(t, "step")))
			want := !seen[index] && (index > highest || highest-index < 64)
			if got := r.fresh(index); got != want {
				t.Fatalf("index %d with %d highest: fresh %v", index, highest, got)
			}
			if want {
				r.note(index)
				seen[index] = true
				highest = max(highest, index)
			}
		}
	})
}

func FuzzOpenRTCP(f *testing.F) {
	k := keys{make([]byte, 16), make([]byte, 12)}
	f.Add(make([]byte, 28))
	f.Add([]byte{0x80, 201, 0, 1})
	f.Fuzz(func(t *testing.T, data []byte) {
		o, err := newGCMOpener(k)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = o.rtcp(nil, data)
		if len(o.seen) > 0 && len(data) < rtcpHeader+gcmTag+rtcpIndex {
			t.Fatal("a packet without a tag was taken")
		}
	})
}

func BenchmarkSealRTP(b *testing.B) {
	for name, p := range profiles {
		b.Run(name, func(b *testing.B) {
			k, _ := p.KeyLen()
			s, _ := p.SaltLen()
			ours := keys{make([]byte, k), make([]byte, s)}
			out, _, err := newCiphers(p, ours, ours)
			if err != nil {
				b.Fatal(err)
			}
			room := make([]byte, 1500)
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				h := rtp.Header{Version: 2, PayloadType: 96, SequenceNumber: uint16(i), SSRC: 7}
				if _, err := h.MarshalTo(room); err != nil {
					b.Fatal(err)
				}
				if _, err := out.rtp(room, 12+1160, i); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

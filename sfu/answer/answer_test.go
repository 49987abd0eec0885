package answer

import (
	"errors"
	"net/netip"
	"os"
	"strings"
	"testing"

	"github.com/pion/sdp/v3"
)

func chromium(t testing.TB) string {
	t.Helper()
	text, err := os.ReadFile("testdata/chromium156.sdp")
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func params() Params {
	return Params{
		Ufrag: "abcdefgh", Pwd: "0123456789012345678901", Fingerprint: make([]byte, 32),
		Candidates: []netip.AddrPort{netip.MustParseAddrPort("192.0.2.1:8443"), netip.MustParseAddrPort("[2001:db8::1]:8443")},
	}
}

func slotsOf(o Offer) []Slot {
	slots := make([]Slot, len(o.Media))
	for i, m := range o.Media {
		slots[i] = Slot{Codecs: m.Codecs, SSRC: uint32(10 + i), Stream: "stage"}
		if m.Kind == "video" {
			slots[i].RTX = uint32(20 + i)
		}
	}
	return slots
}

func TestChromiumsOffer(t *testing.T) {
	o, err := Parse(chromium(t))
	if err != nil {
		t.Fatal(err)
	}
	if len(o.Media) != 6 || o.Ufrag == "" || len(o.Fingerprint) != 32 {
		t.Fatalf("%+v", o)
	}
	if c := o.Media[0].Codecs; len(c) != 1 || c[0].Name != "opus" || c[0].PT != 111 {
		t.Errorf("audio codecs %+v", c)
	}
	names := map[string]int{}
	for _, c := range o.Media[3].Codecs {
		names[c.Name]++
		if c.RTX == 0 || !c.NACK || !c.PLI {
			t.Errorf("%+v: retransmission and keyframe requests were offered", c)
		}
	}
	if names["vp8"] != 1 || names["h264"] == 0 {
		t.Errorf("video codecs %v", names)
	}
	text := Build(o, params(), slotsOf(o))
	var s sdp.SessionDescription
	if err := s.UnmarshalString(text); err != nil {
		t.Fatal(err)
	}
	if len(s.MediaDescriptions) != 6 {
		t.Errorf("%d m-lines in the answer", len(s.MediaDescriptions))
	}
	for _, want := range []string{
		"a=ice-lite", "a=setup:passive", "a=sendonly", "a=candidate:1 1 udp 2130706431 192.0.2.1 8443 typ host",
		"a=candidate:2 1 udp 2130706175 2001:db8::1 8443 typ host", "a=end-of-candidates", "a=ssrc-group:FID 13 23", "a=group:BUNDLE 0 1 2 3 4 5",
	} {
		if !strings.Contains(text, want+"\r\n") {
			t.Errorf("no line %s", want)
		}
	}
}

func TestRefusedOffers(t *testing.T) {
	good := chromium(t)
	for name, c := range map[string]struct {
		text string
		want error
	}{
		"empty":          {"", ErrInvalid},
		"not SDP":        {"hello", ErrInvalid},
		"no media":       {"v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\n", ErrInvalid},
		"no credentials": {strings.ReplaceAll(good, "a=ice-pwd:", "a=x-pwd:"), ErrInvalid},
		"sha-1":          {strings.ReplaceAll(good, "sha-256", "sha-1"), ErrUnsupported},
		"sends":          {strings.Replace(good, "a=recvonly", "a=sendonly", 1), ErrUnsupported},
		"passive":        {strings.ReplaceAll(good, "setup:actpass", "setup:passive"), ErrUnsupported},
		"no rtcp-mux":    {strings.ReplaceAll(good, "a=rtcp-mux", "a=x-mux"), ErrUnsupported},
		"same mid":       {strings.ReplaceAll(good, "a=mid:1", "a=mid:0"), ErrInvalid},
		"mid with space": {strings.ReplaceAll(good, "a=mid:1", "a=mid:a b"), ErrInvalid},
	} {
		if _, err := Parse(c.text); !errors.Is(err, c.want) {
			t.Errorf("%s: %v, want %v", name, err, c.want)
		}
	}
}

func TestRefusedMediaKeepTheirPlace(t *testing.T) {
	o, err := Parse(chromium(t))
	if err != nil {
		t.Fatal(err)
	}
	slots := slotsOf(o)
	slots[1].Codecs = nil
	text := Build(o, params(), slots)
	if !strings.Contains(text, "a=group:BUNDLE 0 2 3 4 5\r\n") || strings.Count(text, "\r\nm=audio 0 ") != 1 || strings.Count(text, "\r\nm=") != 6 {
		t.Errorf("answer\n%s", text)
	}
}

func FuzzParse(f *testing.F) {
	f.Add(chromium(f))
	f.Add("v=0\r\no=- 1 2 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=mid:0\r\n")
	f.Fuzz(func(t *testing.T, text string) {
		o, err := Parse(text)
		if err != nil {
			if !errors.Is(err, ErrInvalid) && !errors.Is(err, ErrUnsupported) {
				t.Fatalf("an error of no kind: %v", err)
			}
			return
		}
		var s sdp.SessionDescription
		answer := Build(o, params(), slotsOf(o))
		if err := s.UnmarshalString(answer); err != nil {
			t.Fatalf("%v in the answer\n%s", err, answer)
		}
		if len(s.MediaDescriptions) != len(o.Media) {
			t.Fatalf("%d m-lines for %d", len(s.MediaDescriptions), len(o.Media))
		}
	})
}

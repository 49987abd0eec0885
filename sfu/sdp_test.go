package sfu_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"betang/sfu"
	"betang/sfu/sfutest"

	"github.com/pion/sdp/v3"
)

// offerVP8 is a small WHIP offer by hand: VP8 with RTX, and Opus.
const offerVP8 = "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=-\r\nt=0 0\r\na=group:BUNDLE 0 1\r\n" +
	"a=fingerprint:sha-256 00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF:00:11:22:33:44:55:66:77:88:99:AA:BB:CC:DD:EE:FF\r\n" +
	"m=audio 9 UDP/TLS/RTP/SAVPF 111\r\nc=IN IP4 0.0.0.0\r\na=mid:0\r\na=sendonly\r\na=rtcp-mux\r\na=setup:actpass\r\n" +
	"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=rtpmap:111 opus/48000/2\r\na=msid:s a\r\na=ssrc:1 cname:c\r\n" +
	"m=video 9 UDP/TLS/RTP/SAVPF 96 97\r\nc=IN IP4 0.0.0.0\r\na=mid:1\r\na=sendonly\r\na=rtcp-mux\r\na=setup:actpass\r\n" +
	"a=ice-ufrag:abcd\r\na=ice-pwd:abcdefghijklmnopqrstuvwx\r\na=rtpmap:96 VP8/90000\r\na=rtpmap:97 rtx/90000\r\n" +
	"a=fmtp:97 apt=96\r\na=rtcp-fb:96 nack pli\r\na=msid:s v\r\na=ssrc-group:FID 2 3\r\na=ssrc:2 cname:c\r\na=ssrc:3 cname:c\r\n"

// offers are what real clients send, and some made by hand in the manner of those that are not at hand.
func offers(t testing.TB) map[string]string {
	t.Helper()
	out := map[string]string{}
	names, err := filepath.Glob("testdata/offers/*.sdp")
	if err != nil || len(names) == 0 {
		t.Fatal("no offers", err)
	}
	for _, n := range names {
		b, err := os.ReadFile(n)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimSuffix(filepath.Base(n), ".sdp")] = string(b)
	}
	return out
}

func has(m *sdp.MediaDescription, key string) bool {
	_, ok := m.Attribute(key)
	return ok
}

func TestRealOffersAreAnswered(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		for name, text := range offers(t) {
			ask, way := l.e.Publish, "recvonly"
			if strings.HasSuffix(name, "-watch") {
				ask, way = l.e.Subscribe, "sendonly"
			}
			answer, err := ask(context.Background(), room, sfu.PeerID(name), text)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			var o, a sdp.SessionDescription
			if err := errors.Join(o.UnmarshalString(text), a.UnmarshalString(answer)); err != nil {
				t.Fatal(err)
			}
			if len(o.MediaDescriptions) != len(a.MediaDescriptions) {
				t.Errorf("%s: %d m-lines answered by %d", name, len(o.MediaDescriptions), len(a.MediaDescriptions))
				continue
			}
			if _, lite := a.Attribute("ice-lite"); !lite {
				t.Errorf("%s: not ICE-lite", name)
			}
			for i, m := range a.MediaDescriptions {
				if m.MediaName.Port.Value == 0 || !has(m, way) {
					t.Errorf("%s: m-line %d is %s %v", name, i, m.MediaName.String(), m.Attributes)
				}
				if v, _ := m.Attribute("setup"); v != "passive" {
					t.Errorf("%s: setup:%s", name, v)
				}
				for _, pt := range m.MediaName.Formats {
					if !slices.Contains(o.MediaDescriptions[i].MediaName.Formats, pt) {
						t.Errorf("%s: m-line %d: payload type %s was not offered", name, i, pt)
					}
				}
			}
			if !strings.Contains(answer, "a=candidate:") || !strings.Contains(answer, "a=end-of-candidates") {
				t.Errorf("%s: candidates are missing", name)
			}
			if strings.Contains(answer, " 2 udp ") {
				t.Errorf("%s: candidate for component 2", name)
			}
			switch name {
			case "chromium-simulcast-publish":
				if !strings.Contains(answer, "a=simulcast:recv q;h;f") {
					t.Errorf("simulcast: %s", answer)
				}
			case "chromium-publish":
				for _, want := range []string{"transport-cc", "transport-wide-cc", "useinbandfec=1", "nack pli", "sdes:mid"} {
					if !strings.Contains(answer, want) {
						t.Errorf("%s is missing in %s", want, answer)
					}
				}
			case "chromium-watch":
				if n := strings.Count(answer, "a=msid:stage "); n != 2 {
					t.Errorf("%d tracks in the stage's stream, want the first voice and the main picture", n)
				}
				if n := strings.Count(answer, "a=ssrc-group:FID"); n != 3 {
					t.Errorf("%d RTX streams for 3 video slots", n)
				}
			}
		}
	})
}

func TestBadOffersAreRefused(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		av1 := strings.NewReplacer("VP8/90000", "AV1/90000").Replace(offerVP8)
		for _, c := range []struct{ name, text, code string }{
			{"empty", "", sfu.SDPInvalid},
			{"not SDP", "GET / HTTP/1.1\r\n\r\n", sfu.SDPInvalid},
			{"half", offerVP8[:len(offerVP8)/3], sfu.SDPInvalid},
			{"AV1 camera", av1, sfu.CodecUnsupported},
			{"VP9 camera", strings.ReplaceAll(offerVP8, "VP8/90000", "VP9/90000"), sfu.CodecUnsupported},
			{"telephone audio", strings.ReplaceAll(offerVP8, "opus/48000/2", "PCMU/8000"), sfu.CodecUnsupported},
			{"sends nothing", strings.ReplaceAll(offerVP8, "sendonly", "recvonly"), sfu.SDPInvalid},
			{"no mid", strings.ReplaceAll(offerVP8, "a=mid:1\r\n", ""), sfu.SDPInvalid},
			{"mid twice", strings.ReplaceAll(offerVP8, "a=mid:1\r\n", "a=mid:0\r\n"), sfu.SDPInvalid},
			{"no fingerprint", strings.ReplaceAll(offerVP8, "a=fingerprint", "a=finger"), sfu.SDPInvalid},
			{"no credentials", strings.ReplaceAll(offerVP8, "a=ice-", "a=iced-"), sfu.SDPInvalid},
			{"no bundle", strings.ReplaceAll(offerVP8, "a=group:BUNDLE 0 1\r\n", ""), sfu.SDPInvalid},
			{"DTLS server", strings.ReplaceAll(offerVP8, "actpass", "passive"), sfu.SDPInvalid},
			{"too long", offerVP8 + strings.Repeat("a=x:y\r\n", 50000), sfu.SDPInvalid},
		} {
			_, err := l.e.Publish(context.Background(), room, sfu.PeerID(c.name), c.text)
			var e *sfu.Error
			if !errors.As(err, &e) || e.Code != c.code {
				t.Errorf("%s: %v, want %s", c.name, err, c.code)
			}
			if e != nil && e.Error() == "" {
				t.Error("an error without words")
			}
		}
		if s := l.e.Stats(); s.Refused != 14 || s.Published != 0 || s.Routers != 0 {
			t.Errorf("left behind: %+v", s)
		}
	})
}

// A viewer without a common video codec still hears; the slot is silent, and a named counter says why.
func TestUndecodableSourceIsSilent(t *testing.T) {
	inTime(t, func(t *testing.T, l *lab) {
		sfutest.Publish(t, l.net, l.e, room, "cam", sfutest.Options{}) // VP8
		l.e.SetScene(room, sfu.Scene{Main: "cam", Audio: []sfu.PeerID{"cam"}})
		v := sfutest.SubscribeH264(t, l.net, l.e, room, "v", 1, 1)
		time.Sleep(3 * time.Second)
		if v.Video[0].Len() != 0 || v.Audio[0].Len() < 100 {
			t.Errorf("%d video, %d audio packets", v.Video[0].Len(), v.Audio[0].Len())
		}
		if n := l.e.Stats().Dropped[sfu.DropUndecodable.String()]; n == 0 {
			t.Error("nothing says why")
		}
	})
}

// TestMusicIsAnsweredAsOffered: a publisher that offers stereo at a music bitrate is asked for it, and error correction within Opus with
// it; a viewer that takes stereo, redundancy and the playout delay gets all three.
func TestMusicIsAnsweredAsOffered(t *testing.T) {
	const fmtp = "minptime=10;useinbandfec=1;stereo=1;sprop-stereo=1;maxaveragebitrate=128000;usedtx=0"
	inTime(t, func(t *testing.T, l *lab) {
		offer := strings.Replace(offerVP8, "a=rtpmap:111 opus/48000/2\r\n", "a=rtpmap:111 opus/48000/2\r\na=fmtp:111 "+fmtp+"\r\n", 1)
		answer, err := l.e.Publish(context.Background(), room, "music", offer)
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(answer, "a=fmtp:111 "+fmtp+"\r\n") {
			t.Errorf("to the publisher:\n%s", answer)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		l := newLabWith(t, sfu.Config{})
		offer := strings.Replace(offers(t)["chromium-watch"], "a=fmtp:111 minptime=10;useinbandfec=1", "a=fmtp:111 minptime=10;useinbandfec=1;stereo=1", 1)
		answer, err := l.e.Subscribe(context.Background(), room, "film", offer)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{
			"a=fmtp:111 minptime=10;useinbandfec=1;stereo=1", "a=rtpmap:63 red/48000/2", "a=fmtp:63 111/111", "a=rtcp-fb:111 nack", "playout-delay",
		} {
			if !strings.Contains(answer, want+"\r\n") {
				t.Errorf("to the viewer: no %q", want)
			}
		}
	})
}

package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/pion/interceptor"
	"github.com/pion/rtcp"
	"github.com/pion/webrtc/v4"
)

// responder is the smallest server there is: what is published is written to every viewer, as pion does it.
type responder struct {
	api    *webrtc.API
	tracks [2]*webrtc.TrackLocalStaticRTP // audio, video

	mu       sync.Mutex
	peers    map[string]*webrtc.PeerConnection // guarded by mu, as are the next two
	speaker  *webrtc.PeerConnection
	ssrc     webrtc.SSRC
	hungUp   int
	sessions int
}

func newResponder(t *testing.T) (*responder, *httptest.Server) {
	t.Helper()
	media := &webrtc.MediaEngine{}
	if err := media.RegisterDefaultCodecs(); err != nil {
		t.Fatal(err)
	}
	var set webrtc.SettingEngine
	set.SetIncludeLoopbackCandidate(true)
	set.SetLite(true)
	r := &responder{peers: map[string]*webrtc.PeerConnection{}, api: webrtc.NewAPI(
		webrtc.WithMediaEngine(media), webrtc.WithSettingEngine(set), webrtc.WithInterceptorRegistry(&interceptor.Registry{}))}
	for i, c := range []webrtc.RTPCodecCapability{
		{MimeType: webrtc.MimeTypeOpus, ClockRate: 48000, Channels: 2}, {MimeType: webrtc.MimeTypeVP8, ClockRate: videoClock},
	} {
		track, err := webrtc.NewTrackLocalStaticRTP(c, "track"+strconv.Itoa(i), "stage")
		if err != nil {
			t.Fatal(err)
		}
		r.tracks[i] = track
	}
	srv := httptest.NewServer(r)
	t.Cleanup(func() {
		srv.Close()
		r.mu.Lock()
		defer r.mu.Unlock()
		for _, pc := range r.peers {
			_ = pc.Close()
		}
	})
	return r, srv
}

func (r *responder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	if req.Header.Get("Authorization") != "Bearer secret" {
		http.Error(w, "who are you", http.StatusUnauthorized)
		return
	}
	if req.Method == http.MethodDelete {
		r.mu.Lock()
		pc := r.peers[req.URL.Path]
		delete(r.peers, req.URL.Path)
		r.hungUp++
		r.mu.Unlock()
		if pc != nil {
			_ = pc.Close()
		}
		return
	}
	offer, _ := io.ReadAll(req.Body)
	answer, path, err := r.answer(strings.HasPrefix(req.URL.Path, "/whip"), string(offer))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Location", path)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

func (r *responder) answer(publish bool, offer string) (answer, path string, err error) {
	pc, err := r.api.NewPeerConnection(webrtc.Configuration{})
	if err != nil {
		return "", "", err
	}
	r.mu.Lock()
	r.sessions++
	path = "/session/" + strconv.Itoa(r.sessions)
	r.peers[path] = pc
	r.mu.Unlock()
	if publish {
		pc.OnTrack(func(t *webrtc.TrackRemote, _ *webrtc.RTPReceiver) {
			out := r.tracks[0]
			if t.Kind() == webrtc.RTPCodecTypeVideo {
				out = r.tracks[1]
				r.mu.Lock()
				r.speaker, r.ssrc = pc, t.SSRC()
				r.mu.Unlock()
			}
			for {
				p, _, err := t.ReadRTP()
				if err != nil {
					return
				}
				_ = out.WriteRTP(p)
			}
		})
	} else {
		for _, t := range r.tracks {
			if _, err := pc.AddTrack(t); err != nil {
				return "", "", err
			}
		}
		pc.OnConnectionStateChange(func(s webrtc.PeerConnectionState) {
			r.mu.Lock()
			defer r.mu.Unlock()
			if s == webrtc.PeerConnectionStateConnected && r.speaker != nil {
				_ = r.speaker.WriteRTCP([]rtcp.Packet{&rtcp.PictureLossIndication{MediaSSRC: uint32(r.ssrc)}})
			}
		})
	}
	if err := pc.SetRemoteDescription(webrtc.SessionDescription{Type: webrtc.SDPTypeOffer, SDP: offer}); err != nil {
		return "", "", err
	}
	a, err := pc.CreateAnswer(nil)
	if err != nil {
		return "", "", err
	}
	done := webrtc.GatheringCompletePromise(pc)
	if err := pc.SetLocalDescription(a); err != nil {
		return "", "", err
	}
	<-done
	return pc.LocalDescription().SDP, path, nil
}

// The whole command against a real server on loopback.
func TestEndToEnd(t *testing.T) {
	r, srv := newResponder(t)
	links := filepath.Join(t.TempDir(), "demo-links.json")
	body := `{"speaker":"x","whip":{"url":"` + srv.URL + `/whip/demo","token":"secret"},"whep":{"url":"` + srv.URL + `/whep/demo","token":"secret"}}`
	if err := os.WriteFile(links, []byte(body), 0o600); err != nil {
		t.Fatal(err)
	}
	var out, progress strings.Builder
	status := run(t.Context(), []string{
		"--links", links, "--viewers", "3", "--duration", "600ms", "--json", "--server-pid", strconv.Itoa(os.Getpid()),
	}, &out, &progress)
	if status != 0 {
		t.Fatalf("status %d: %s", status, progress.String())
	}
	var res result
	if err := json.Unmarshal([]byte(out.String()), &res); err != nil {
		t.Fatal(err)
	}
	if res.Joined != 3 || res.Dropped != 0 || res.NoFrame != 0 || res.Errors != "" {
		t.Errorf("joins: %s", out.String())
	}
	// Bounds that a busy machine keeps too; loopback may still lose something.
	if res.Video.Packets == 0 || res.Audio.Packets == 0 || res.Video.Delay.P50 <= 0 || res.Video.Delay.P99 < res.Video.Delay.P50 ||
		res.Join.P50 <= 0 || res.FirstFrame.P50 <= 0 || res.Video.LossPercent > 50 || res.PLIs == 0 || res.Sent == 0 {
		t.Errorf("measurements: %s", out.String())
	}
	if res.ServerCPU < 0 || res.ClientCPU < 0 {
		t.Errorf("no CPU times: %s", out.String())
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.hungUp != 4 {
		t.Errorf("%d of 4 sessions hung up", r.hungUp)
	}
	var lines strings.Builder
	if err := res.bench(&lines); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"BenchmarkVideo/server=betang/viewers=3", "BenchmarkServerCPU/", " p99-ms", " loss-%"} {
		if !strings.Contains(lines.String(), want) {
			t.Errorf("no %q in\n%s", want, lines.String())
		}
	}
}

func TestRefusals(t *testing.T) {
	_, srv := newResponder(t)
	at := func(more ...string) []string {
		return append([]string{"--whip", srv.URL + "/whip/x", "--whep", srv.URL + "/whep/x"}, more...)
	}
	for name, c := range map[string]struct {
		args   []string
		status int
		says   string
	}{
		"no server":          {nil, 2, "--whip"},
		"help":               {[]string{"--help"}, 0, ""},
		"not this machine":   {[]string{"--whip", "http://192.0.2.1/whip/x", "--whep", srv.URL}, 2, "loopback"},
		"a name":             {[]string{"--whip", srv.URL, "--whep", "https://example.org/whep/x"}, 2, "loopback"},
		"no URL":             {[]string{"--whip", "ftp://127.0.0.1/", "--whep", srv.URL}, 2, "http"},
		"too many viewers":   {at("--viewers", "5001"), 2, "--viewers"},
		"too long":           {at("--duration", "11m"), 2, "--duration"},
		"nobody ever joins":  {at("--join-rate", "0"), 2, "--join-rate"},
		"wrong token":        {at("--whip-token", "wrong"), 1, "401"},
		"viewers not let in": {at("--whip-token", "secret", "--viewers", "2"), 1, "no viewer could join"},
	} {
		var out, says strings.Builder
		if got := run(t.Context(), c.args, &out, &says); got != c.status || !strings.Contains(says.String(), c.says) {
			t.Errorf("%s: status %d, want %d: %s", name, got, c.status, says.String())
		}
	}
}

func TestInterrupted(t *testing.T) {
	_, srv := newResponder(t)
	ctx, cancel := context.WithCancel(t.Context())
	progress := writerFunc(func(p []byte) (int, error) { cancel(); return len(p), nil })
	cfg := config{
		WHIP: srv.URL + "/whip/x", WHEP: srv.URL + "/whep/x", WHIPToken: "secret", WHEPToken: "secret",
		Viewers: 1, Slots: 1, JoinRate: 50, Duration: 600e9,
	}
	if _, err := measure(ctx, cfg, progress); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(p []byte) (int, error) { return f(p) }

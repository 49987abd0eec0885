package main

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/answer"
	"betang/sfu/lite"
	"betang/sfu/udp"
)

// raw is the limit that a media engine is held against: no rings, no rewriting, no NACKs, no shards; only a seal for every
// packet, a segmented send for every frame and a send for every voice packet of each viewer, from a clock. What it
// sends has the size and the rhythm of the synthetic speaker's, but nothing in it save when its turn was.
type raw struct {
	conn  *udp.Conn
	host  *lite.Host
	voice time.Duration // between voice packets; each holds so much
	shape shape

	mu      sync.Mutex
	viewers map[string]*rawViewer // guarded by mu
	next    int
}

type rawViewer struct {
	t            *lite.Transport
	video, audio rawStream
}

type rawStream struct {
	ssrc  uint32
	pt    uint8
	index uint64
}

// The lite.Handler of a viewer that nobody listens to.
func (*rawViewer) Connected()  {}
func (*rawViewer) Quiet()      {}
func (*rawViewer) Back()       {}
func (*rawViewer) RTCP([]byte) {}
func (*rawViewer) Gone()       {}

func newRaw(ctx context.Context, listen string, voice time.Duration, s shape) (*raw, error) {
	cert, _, err := lightCertificate()
	if err != nil {
		return nil, err
	}
	conn, err := udp.Listen(ctx, listen)
	if err != nil {
		return nil, err
	}
	host, err := lite.NewHost(lite.Config{Conns: []*udp.Conn{conn}, Cert: tls.Certificate{Certificate: cert.Certificate, PrivateKey: cert.PrivateKey}})
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	return &raw{conn: conn, host: host, voice: voice, shape: s, viewers: map[string]*rawViewer{}}, nil
}

func (r *raw) close() error {
	err := r.conn.Close()
	r.host.Close()
	return err
}

// watch is WHEP.
func (r *raw) watch(w http.ResponseWriter, req *http.Request) {
	text, err := io.ReadAll(io.LimitReader(req.Body, 1<<20))
	if err != nil {
		return // the client is gone
	}
	in, err := answer.Parse(string(text))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	v := &rawViewer{}
	if v.t, err = r.host.Open(in.Fingerprint, v); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	slots := make([]answer.Slot, len(in.Media))
	for i, m := range in.Media {
		s := &v.audio
		if m.Kind == "video" {
			s = &v.video
		}
		if s.ssrc != 0 || len(m.Codecs) == 0 {
			continue
		}
		*s = rawStream{ssrc: max(rand.Uint32(), 1), pt: m.Codecs[0].PT}
		slots[i] = answer.Slot{Codecs: m.Codecs, SSRC: s.ssrc, Stream: "raw"}
	}
	r.mu.Lock()
	r.next++
	id := strconv.Itoa(r.next)
	r.viewers[id] = v
	r.mu.Unlock()
	ufrag, pwd := v.t.Credentials()
	w.Header().Set("Location", "/raw/"+id)
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer.Build(in, answer.Params{
		Ufrag: ufrag, Pwd: pwd, Fingerprint: r.host.Fingerprint(), Candidates: []netip.AddrPort{r.conn.LocalAddrPort()},
	}, slots))
}

func (r *raw) hangUp(_ http.ResponseWriter, req *http.Request) {
	r.mu.Lock()
	v := r.viewers[req.PathValue("id")]
	delete(r.viewers, req.PathValue("id"))
	r.mu.Unlock()
	if v != nil {
		v.t.Close()
	}
}

// run sends until ctx ends.
func (r *raw) run(ctx context.Context, sent *atomic.Uint64) {
	b := r.conn.NewBatch()
	frames, voices := 0, 0
	payload := make([]byte, max(r.shape.payload(), opusPayload*6))
	start := time.Now()
	var list []*rawViewer
	for {
		video := start.Add(time.Duration(frames) * time.Second / videoFPS)
		audio := start.Add(time.Duration(voices) * r.voice)
		due := video
		if audio.Before(video) {
			due = audio
		}
		if !pause(ctx, time.Until(due)) {
			return
		}
		r.mu.Lock()
		list = list[:0]
		for _, v := range r.viewers {
			list = append(list, v)
		}
		r.mu.Unlock()
		pictures, sound := payload[:r.shape.payload()], payload[:opusPayload*int(r.voice/(time.Second/opusRate))]
		if due.Equal(video) {
			rawMark.put(pictures, due.UnixNano())
		} else {
			rawMark.put(sound, due.UnixNano())
		}
		for _, v := range list {
			if v.t.State() != lite.Ready && v.t.State() != lite.Silent {
				continue
			}
			n := 1
			if due.Equal(video) {
				key := byte(1) // VP8's first bit: 0 is a keyframe (RFC 7741 section 4.3)
				if n = r.shape.frame; frames%keyEvery == 0 {
					n, key = r.shape.key, 0
				}
				for i := range n {
					pictures[0], pictures[1] = 0, key
					if i == 0 {
						pictures[0] = 0x10 // a partition begins
					}
					v.send(b, &v.video, pictures, i == n-1, uint32(frames)*videoClock/videoFPS)
				}
			} else {
				v.send(b, &v.audio, sound, false, uint32(voices)*uint32(r.voice/time.Millisecond)*48)
			}
			sent.Add(uint64(n))
		}
		_ = b.Flush() // counted by the socket
		if due.Equal(video) {
			frames++
		} else {
			voices++
		}
	}
}

func (v *rawViewer) send(b *udp.Batch, s *rawStream, payload []byte, marker bool, stamp uint32) {
	room, err := b.Room()
	if err != nil {
		return
	}
	room[0], room[1] = 2<<6, s.pt
	if marker {
		room[1] |= 0x80
	}
	binary.BigEndian.PutUint16(room[2:], uint16(s.index))
	binary.BigEndian.PutUint32(room[4:], stamp)
	binary.BigEndian.PutUint32(room[8:], s.ssrc)
	_ = v.t.SealRTP(b, room, 12+copy(room[12:], payload), s.index)
	s.index++
}

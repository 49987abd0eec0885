package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/pprof"
	"os"
	"runtime"
	"strconv"
	"sync/atomic"
	"time"

	"betang/sfu"
)

// respondConfig is the command line of "betang-load respond".
type respondConfig struct {
	Listen  string        `default:"127.0.0.1:8090" help:"Loopback address of the WHIP and WHEP endpoints."`
	Media   string        `default:"127.0.0.1:8091" help:"Loopback address of the media port."`
	Full    bool          `help:"Give viewers a PeerConnection, for comparison with the lean transport."`
	Raw     bool          `help:"Viewers get a clock's empty packets with nothing of the engine in between: the limit to compare with."`
	Voice   time.Duration `default:"20ms" help:"With --raw: length of a voice packet, 20ms or 60ms."`
	Picture string        `default:"720p" enum:"180p,360p,720p,1080p" help:"With --raw: the picture, as the generator's --picture."`
	Busy    float64       `help:"Share of its time from which a shard merges voice; 0: the default, negative: always, 2: never."`
	Shards  int           `help:"Forwarding goroutines; 0: one per CPU."`

	Sockets   int     `help:"Sockets of the media port, for the shards to share out; 0: one."`
	MaxEgress int64   `help:"Mbit/s to all viewers together; near it newcomers get less. 0: no limit."`
	MaxCPU    float64 `name:"max-cpu" default:"-1" help:"Share of the processors' time from which newcomers get less, 0: the engine's own; negative: no limit, to measure what is past it."`
}

// respond is the media engine with WHIP and WHEP in front of it and nothing else: no tokens, no websocket, no storage. What it
// costs is what the engine costs. /stats has its counters and memory, /debug/pprof/ its profiles. It ends with ctx.
func respond(ctx context.Context, cfg respondConfig, stderr io.Writer) error {
	for _, a := range []string{cfg.Listen, cfg.Media} {
		if err := checkURL("http://" + a); err != nil {
			return err
		}
	}
	e, err := sfu.New(sfu.Config{
		Listen: cfg.Media, Full: cfg.Full, Busy: cfg.Busy, Shards: cfg.Shards,
		Sockets: cfg.Sockets, MaxEgress: cfg.MaxEgress * 1_000_000, MaxCPU: cfg.MaxCPU,
	})
	if err != nil {
		return err
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", cfg.Listen)
	if err != nil {
		return errors.Join(err, e.Shutdown())
	}
	f := &front{e: e}
	if cfg.Raw {
		host, _, _ := net.SplitHostPort(cfg.Media)
		r, err := newRaw(ctx, net.JoinHostPort(host, "0"), cfg.Voice, shapes[cfg.Picture])
		if err != nil {
			return errors.Join(err, e.Shutdown())
		}
		f.raw = r
		stop, cancel := context.WithCancel(ctx)
		done := make(chan struct{})
		go func() {
			defer close(done)
			r.run(stop, &f.rawSent)
		}()
		defer func() {
			cancel()
			<-done
			_ = r.close()
		}()
	}
	srv := &http.Server{Handler: f.routes(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = srv.Close() })
	fmt.Fprintf(stderr, "responding at http://%s/whip/x and /whep/x, process %d\n", l.Addr(), os.Getpid())
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return errors.Join(err, e.Shutdown())
	}
	return e.Shutdown()
}

// front is the HTTP side.
type front struct {
	e       *sfu.Engine
	next    atomic.Uint64
	raw     *raw // nil: viewers are the engine's
	rawSent atomic.Uint64
}

const stageRoom = sfu.RouterID("load")

func (f *front) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /whip/{event}", f.publish)
	if f.raw != nil {
		mux.HandleFunc("POST /whep/{event}", f.raw.watch)
		mux.HandleFunc("DELETE /raw/{id}", f.raw.hangUp)
	} else {
		mux.HandleFunc("POST /whep/{event}", f.watch)
	}
	mux.HandleFunc("DELETE /session/{id}", f.hangUp)
	mux.HandleFunc("GET /stats", f.stats)
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	return mux
}

func (f *front) publish(w http.ResponseWriter, r *http.Request) {
	f.open(w, r, f.e.Publish, func(id sfu.PeerID) {
		f.e.SetScene(stageRoom, sfu.Scene{Main: id, Audio: []sfu.PeerID{id}})
	})
}

func (f *front) watch(w http.ResponseWriter, r *http.Request) {
	f.open(w, r, f.e.Subscribe, func(sfu.PeerID) {})
}

func (f *front) open(w http.ResponseWriter, r *http.Request,
	do func(context.Context, sfu.RouterID, sfu.PeerID, string) (string, error), then func(sfu.PeerID),
) {
	offer, err := io.ReadAll(io.LimitReader(r.Body, 1<<20))
	if err != nil {
		return // the client is gone
	}
	id := sfu.PeerID(strconv.FormatUint(f.next.Add(1), 10))
	answer, err := do(r.Context(), stageRoom, id, string(offer))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	then(id)
	w.Header().Set("Content-Type", "application/sdp")
	w.Header().Set("Location", "/session/"+string(id))
	w.WriteHeader(http.StatusCreated)
	_, _ = io.WriteString(w, answer)
}

func (f *front) hangUp(_ http.ResponseWriter, r *http.Request) {
	f.e.Close(stageRoom, sfu.PeerID(r.PathValue("id")))
}

// serverStats is what /stats says.
type serverStats struct {
	sfu.Stats
	Goroutines int
	HeapInUse  uint64 // bytes of live objects, after a collection where ?gc=1 asks for one
	StackInUse uint64
	RSS        uint64 // bytes; 0: unknown
	CPU        float64
}

func (f *front) stats(w http.ResponseWriter, r *http.Request) {
	if r.FormValue("gc") != "" {
		runtime.GC()
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	s := serverStats{Stats: f.e.Stats(), Goroutines: runtime.NumGoroutine(), HeapInUse: m.HeapAlloc, StackInUse: m.StackInuse, RSS: readRSS(os.Getpid())}
	s.CPU, _ = procCPU(os.Getpid())
	if f.raw != nil {
		sent := &f.raw.conn.Stats
		s.Walks, s.Calls, s.Datagrams = sent.Messages.Load(), sent.Calls.Load(), sent.Datagrams.Load()
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(s)
}

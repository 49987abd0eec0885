package api

import (
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/gorilla/websocket"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/roster"
	"betang/classroom/store"
	"betang/sfu"
	"betang/signaling"
	"betang/signaling/wire"
)

// loopMedia is a media engine whose transports connect at once and whose viewers receive until their device is gone.
type loopMedia struct {
	mu      sync.Mutex
	to      sfu.Listener
	viewers map[sfu.PeerID]int64 // proof given until, Unix ms
	latest  sfu.PeerID           // the last viewer that came
}

// lose ends the reports of a viewer whose device is gone without a word.
func (m *loopMedia) lose(peer sfu.PeerID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.viewers, peer)
}

func (m *loopMedia) Publish(_ context.Context, _ sfu.RouterID, peer sfu.PeerID, _ string) (string, error) {
	m.to.PeerChanged(peer, sfu.Connected)
	return offer, nil
}

func (m *loopMedia) Subscribe(_ context.Context, _ sfu.RouterID, peer sfu.PeerID, _ string) (string, error) {
	m.mu.Lock()
	m.viewers[peer], m.latest = time.Now().UnixMilli(), peer
	m.mu.Unlock()
	m.to.PeerChanged(peer, sfu.Connected)
	return offer, nil
}

func (m *loopMedia) Restart(context.Context, sfu.RouterID, sfu.PeerID, string) (string, error) {
	return offer, nil
}

func (m *loopMedia) Fragment(_ context.Context, _ sfu.RouterID, _ sfu.PeerID, frag string) (string, error) {
	if strings.Contains(frag, "ice-pwd") {
		return "a=ice-ufrag:new\r\na=ice-pwd:0123456789abcdef012345\r\n", nil
	}
	return "", nil
}

func (m *loopMedia) Close(_ sfu.RouterID, peer sfu.PeerID) {
	m.mu.Lock()
	delete(m.viewers, peer)
	m.mu.Unlock()
	m.to.PeerChanged(peer, sfu.Gone)
}
func (m *loopMedia) Direct(sfu.RouterID, sfu.PeerID, *sfu.Scene) {}
func (m *loopMedia) Hold(sfu.RouterID, sfu.PeerID, bool, bool)   {}
func (m *loopMedia) SetScene(sfu.RouterID, sfu.Scene)            {}

func (m *loopMedia) Healths(_ sfu.RouterID, dst []sfu.Health) []sfu.Health { return dst }

func (m *loopMedia) Quiets(_ sfu.RouterID, dst []sfu.Quiet) []sfu.Quiet { return dst }

func (m *loopMedia) SetQuality(sfu.RouterID, sfu.PeerID, sfu.Quality) {}

func (m *loopMedia) Standings(_ sfu.RouterID, dst []sfu.Standing) []sfu.Standing { return dst }

func (m *loopMedia) Deliveries(_ sfu.RouterID, dst []sfu.Delivery) []sfu.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UnixMilli()
	for peer, since := range maps.Clone(m.viewers) {
		dst = append(dst, sfu.Delivery{Peer: peer, From: since, To: now})
		m.viewers[peer] = now
	}
	return dst
}

// pipes is a network in memory: real sockets do not count as idle in fake time.
type pipes struct {
	conns chan net.Conn
	done  chan struct{}
	once  sync.Once
}

type pipeAddr struct{}

func (pipeAddr) Network() string { return "pipe" }
func (pipeAddr) String() string  { return "192.0.2.1:4000" }

type pipeConn struct{ net.Conn }

func (pipeConn) RemoteAddr() net.Addr { return pipeAddr{} }

func (p *pipes) Accept() (net.Conn, error) {
	select {
	case c := <-p.conns:
		return pipeConn{c}, nil
	case <-p.done:
		return nil, net.ErrClosed
	}
}
func (p *pipes) Close() error   { p.once.Do(func() { close(p.done) }); return nil }
func (p *pipes) Addr() net.Addr { return pipeAddr{} }

func (p *pipes) dial(ctx context.Context, _, _ string) (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case p.conns <- far:
		return near, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// hall is the real store, tokens, hubs and HTTP interface, with a fake media engine and network, in fake time.
type hall struct {
	hubs   *signaling.Server
	t      *testing.T
	store  *store.Store
	media  *loopMedia
	tokens *Tokens
	net    *pipes
	client *http.Client
}

func openHall(t *testing.T) *hall {
	ctx := t.Context()
	st, err := store.Open(ctx, t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	secret, err := st.Secret(ctx, "tokens", 32)
	if err != nil {
		t.Fatal(err)
	}
	tokens, err := NewTokens(ctx, secret, st)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	fatal := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	fatal(st.SaveEvent(ctx, classroom.Event{
		ID: demo, Kind: classroom.Lecture, Title: "Kuliah Umum", StartsAt: now, EndsAt: now.Add(2 * time.Hour), Policy: attend.DefaultPolicy(),
	}))
	fatal(st.SavePeople(ctx, []classroom.Person{sri()}))
	fatal(st.SaveCode(ctx, demo, sriCode, sri().ID))

	media := &loopMedia{viewers: map[sfu.PeerID]int64{}}
	log := slog.New(slog.NewTextHandler(io.Discard, nil))
	hubs := signaling.New(signaling.Config{
		Store: st, Media: media, Verify: tokens, Revoked: tokens.Revoked, Log: log, MaskNIP: roster.Mask, RegionName: roster.RegionName,
	})
	media.to = hubs
	handler := New(Config{
		Halls: HallConfig{
			Store: st, Hub: Hubs[HallHub](hubs), Key: secret, Base: "https://betang.test",
			Flags: func(ctx context.Context, id classroom.EventID) ([]classroom.Flag, error) {
				return classroom.LoadFlags(ctx, st, id)
			},
			Facts: st.Facts,
		},
		Tokens: tokens, Store: st, Hub: Hubs[Hub](hubs), Socket: hubs, Static: http.NotFoundHandler(), Log: log,
		Sheet: func(ctx context.Context, id classroom.EventID) (classroom.Sheet, error) {
			return classroom.LoadSheet(ctx, st, id)
		},
	})
	h := &hall{t: t, store: st, media: media, tokens: tokens, hubs: hubs, net: &pipes{conns: make(chan net.Conn), done: make(chan struct{})}}
	web := &http.Server{Handler: handler, ReadHeaderTimeout: time.Minute}
	served := make(chan struct{})
	go func() {
		defer close(served)
		_ = web.Serve(h.net)
	}()
	transport := &http.Transport{DialContext: h.net.dial}
	h.client = &http.Client{Transport: transport}
	t.Cleanup(func() {
		last, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := hubs.Shutdown(last); err != nil {
			t.Errorf("shutdown: %v", err)
		}
		transport.CloseIdleConnections()
		_ = web.Close()
		<-served
		if err := st.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return h
}

func (h *hall) link(c signaling.Claims) string {
	h.t.Helper()
	c.ID, c.Expires = NewTokenID(), time.Now().Add(24*time.Hour)
	if c.Event == "" {
		c.Event = demo
	}
	token, err := h.tokens.Issue(c)
	if err != nil {
		h.t.Fatal(err)
	}
	return token
}

// do sends one request and gives status, headers and body.
func (h *hall) do(method, path, token, contentType, body string, headers ...string) (int, http.Header, string) {
	h.t.Helper()
	r, err := http.NewRequestWithContext(h.t.Context(), method, "http://betang.test"+path, strings.NewReader(body))
	if err != nil {
		h.t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+token)
	r.Header.Set("Content-Type", contentType)
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		r.Header.Set(name, value)
	}
	w, err := h.client.Do(r)
	if err != nil {
		h.t.Fatal(err)
	}
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	if err != nil {
		h.t.Fatal(err)
	}
	return w.StatusCode, w.Header, string(text)
}

func (h *hall) get(into any, method, path, token, body string) {
	h.t.Helper()
	status, _, text := h.do(method, path, token, "application/json", body)
	if err := json.Unmarshal([]byte(text), into); err != nil || status != http.StatusOK {
		h.t.Fatalf("%s %s: %d %s %v", method, path, status, text, err)
	}
}

// watch opens a websocket with a session token, asks for media and reads until the device is lost.
func (h *hall) watch(token string) (stop func()) {
	h.t.Helper()
	dialer := websocket.Dialer{NetDialContext: h.net.dial}
	ws, res, err := dialer.DialContext(h.t.Context(), "ws://betang.test/ws", http.Header{"Origin": {"http://betang.test"}})
	if err != nil {
		h.t.Fatal(err)
	}
	_ = res.Body.Close()
	send := func(id uint32, kind string, d any) {
		if err := ws.WriteJSON(map[string]any{"t": kind, "id": id, "d": d}); err != nil {
			h.t.Error(err)
		}
	}
	send(1, "hello", wire.Hello{V: wire.Version, Event: string(demo), Token: token, Lang: "id"})
	done, watching := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			var m struct {
				T string `json:"t"`
				D any    `json:"d"`
			}
			if err := ws.ReadJSON(&m); err != nil {
				return
			}
			switch m.T {
			case "answered":
				close(watching)
			case "error", "goodbye":
				h.t.Errorf("the socket was told %+v", m)
			}
		}
	}()
	send(2, "watch", wire.Watch{SDP: offer + "m=video 9 UDP/TLS/RTP/SAVPF 96\r\na=recvonly\r\n"})
	<-watching
	h.media.mu.Lock()
	viewer := h.media.latest
	h.media.mu.Unlock()
	return func() {
		h.media.lose(viewer)
		_ = ws.Close()
		<-done
	}
}

// TestLecture: the speaker's encoder comes by WHIP, an ASN enters by NIP and watches for a minute on two devices, a
// newcomer for half of it, a player over WHEP; BPSDM sees and downloads each once, to the second.
func TestLecture(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHall(t)
		door := h.link(signaling.Claims{Role: classroom.RoleParticipant, Door: true})
		agency := h.link(signaling.Claims{Role: classroom.RoleBPSDM, Event: signaling.AnyEvent})
		speaker := h.link(signaling.Claims{Role: classroom.RoleSpeaker, Name: "Gubernur"})
		player := h.link(signaling.Claims{Role: classroom.RolePlayer})

		var page eventInfo
		h.get(&page, http.MethodGet, "/api/events/demo", "", "")
		if page.Phase != "scheduled" || page.Title != "Kuliah Umum" {
			t.Fatalf("before: %+v", page)
		}
		camera := offer + "m=audio 9 UDP/TLS/RTP/SAVPF 111\r\na=sendonly\r\nm=video 9 UDP/TLS/RTP/SAVPF 96\r\na=sendonly\r\n"
		status, header, text := h.do(http.MethodPost, "/whip/demo", speaker, sdpType, camera)
		if status != http.StatusCreated {
			t.Fatalf("WHIP: %d %s", status, text)
		}
		stream := header.Get("Location")
		synctest.Wait()
		h.get(&page, http.MethodGet, "/api/events/demo", "", "")
		if page.Phase != "live" {
			t.Fatalf("after the encoder came: %+v", page)
		}
		if status, header, text := h.do(http.MethodPatch, stream, speaker, fragmentType, "a=ice-ufrag:x\r\na=ice-pwd:y\r\n", "If-Match: *"); status != http.StatusOK || header.Get("ETag") != `"2"` {
			t.Errorf("ICE restart: %d %v %s", status, header, text)
		}
		if status, _, text := h.do(http.MethodPost, "/whep/demo", player, sdpType, camera); status != http.StatusCreated {
			t.Errorf("WHEP: %d %s", status, text)
		}

		join := func(identify string) string {
			var who identity
			h.get(&who, http.MethodPost, "/api/events/demo/identify", door, identify)
			var in joined
			h.get(&in, http.MethodPost, "/api/events/demo/join", door, `{"ticket":"`+who.Ticket+`"}`)
			return in.Token
		}
		leavePC := h.watch(join(`{"nip":"` + sriNIP + `"}`))
		leavePhone := h.watch(join(`{"code":"` + sriCode + `"}`))
		if status, _, text := h.do(http.MethodPost, "/api/events/demo/identify", door, "application/json", `{"nip":"`+unknownNIP+`"}`); status != http.StatusNotFound {
			t.Fatalf("an unknown NIP: %d %s", status, text)
		}
		var in joined
		h.get(&in, http.MethodPost, "/api/events/demo/join", door, `{"nip":"`+unknownNIP+`","name":"Budi Santoso","unit":"Dinas PUPR","region":"62.71"}`)
		time.Sleep(30 * time.Second)
		leaveBudi := h.watch(in.Token)
		time.Sleep(30 * time.Second)
		leavePC()
		leavePhone()
		leaveBudi()
		time.Sleep(15 * time.Second) // silence closes the spans
		if status, _, text := h.do(http.MethodDelete, stream, speaker, "", ""); status != http.StatusOK {
			t.Errorf("end of WHIP: %d %s", status, text)
		}
		time.Sleep(5 * time.Second)

		var table attendancePage
		h.get(&table, http.MethodPost, "/api/bpsdm/events/demo/attendance", agency, `{}`)
		if table.Total != 2 {
			t.Fatalf("%d rows: %+v", table.Total, table)
		}
		for _, row := range table.Rows {
			want := map[string]int{sriNIP: 60, unknownNIP: 30}[row.NIP]
			if row.Seconds < want-1 || row.Seconds > want+1 || row.Delivered < want-1 || row.Socket < want-1 || row.Decoded != 0 || row.Now || row.Verified != (row.NIP == sriNIP) {
				t.Errorf("want about %d s: %+v", want, row)
			}
		}
		var list []eventRow
		h.get(&list, http.MethodGet, "/api/bpsdm/events", agency, "")
		if len(list) != 1 || list[0].Attended != 2 || list[0].Event.ID != "demo" {
			t.Errorf("list: %+v", list)
		}
		status, _, text = h.do(http.MethodGet, "/api/bpsdm/events/demo/attendance.csv", agency, "", "")
		cells := csv.NewReader(strings.NewReader(strings.TrimPrefix(text, "\ufeff")))
		cells.Comma, cells.FieldsPerRecord = ';', -1
		rows, err := cells.ReadAll()
		if err != nil || status != http.StatusOK || strings.Count(fmt.Sprint(rows), sriNIP) != 1 || strings.Count(fmt.Sprint(rows), unknownNIP) != 1 {
			t.Errorf("download: %d %v %s", status, err, text)
		}
	})
}

// TestRevokedLinkEndsItsSession: a personal link is withdrawn while its holder watches.
func TestRevokedLinkEndsItsSession(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		h := openHall(t)
		link := h.link(signaling.Claims{Role: classroom.RoleParticipant, Person: sri().ID, Door: true, Method: "link"})
		var who identity
		h.get(&who, http.MethodPost, "/api/events/demo/identify", link, `{}`)
		var in joined
		h.get(&in, http.MethodPost, "/api/events/demo/join", link, `{"ticket":"`+who.Ticket+`"}`)
		claims, err := h.tokens.Verify(link, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		if err := h.tokens.Revoke(t.Context(), claims.ID); err != nil {
			t.Fatal(err)
		}
		for what, token := range map[string]string{"link": link, "session": in.Token} {
			if _, err := h.tokens.Verify(token, time.Now()); codeOf(err) != "token_revoked" {
				t.Errorf("%s: %v", what, err)
			}
		}
		again, err := NewTokens(t.Context(), h.tokens.secret, h.store)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := again.Verify(in.Token, time.Now()); codeOf(err) != "token_revoked" {
			t.Errorf("after a restart: %v", err)
		}
	})
}

func (m *loopMedia) Voices(_ sfu.RouterID, dst []sfu.Loudness) []sfu.Loudness { return dst }

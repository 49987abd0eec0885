package signaling

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/sfu"
)

// memStore keeps everything in memory, as durable as the test wants it.
type memStore struct {
	mu      sync.Mutex
	events  map[classroom.EventID]classroom.Event
	facts   map[classroom.EventID][]classroom.Fact
	spans   map[spanKey]attend.Span
	people  map[classroom.PersonID]classroom.Person
	appends int
	loads   int

	// onAppend, if set, is asked before each Append: keep tells whether the facts become durable all the same.
	onAppend func(facts []classroom.Fact) (keep bool, err error)
	saveErr  error
	loadErr  error
	slow     time.Duration // how long Facts takes
}

// spanKey names a span; one with the same name replaces it.
type spanKey struct {
	person, session string
	class           attend.Class
	from            int64
}

func keyOf(s attend.Span) spanKey { return spanKey{s.Person, s.Session, s.Class, s.From} }

const lecture classroom.EventID = "kuliah-umum"

func newStore() *memStore {
	start := time.Date(2026, 9, 24, 2, 0, 0, 0, time.UTC)
	return &memStore{
		events: map[classroom.EventID]classroom.Event{lecture: {
			ID: lecture, Kind: classroom.Lecture, Title: "Kuliah Umum", Speaker: "Gubernur", StartsAt: start,
			EndsAt: start.Add(2 * time.Hour),
			Policy: attend.Policy{
				Version: 1, MinutesPerJP: 45, ThresholdPercent: 70, BridgeSeconds: 10, Earns: attend.Delivered | attend.Decoded,
			},
		}},
		facts: map[classroom.EventID][]classroom.Fact{},
		spans: map[spanKey]attend.Span{},
		people: map[classroom.PersonID]classroom.Person{
			"per1": {ID: "per1", NIP: "199001012015031001", Name: "Sri Wahyuni", Back: "S.Sos.", Unit: "Dinas Kesehatan", Region: "62.02"},
			"per2": {ID: "per2", Name: "Budi", Unit: "Bappeda", Region: "62.71"},
			"per3": {ID: "per3", Front: "Dr.", Name: "Ani", Unit: "RSUD", Region: "62.02"},
		},
	}
}

func (s *memStore) Event(_ context.Context, id classroom.EventID) (classroom.Event, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ev, ok := s.events[id]
	if !ok {
		return ev, classroom.Refuse(classroom.NotFound, "event_unknown")
	}
	return ev, nil
}

func (s *memStore) Facts(ctx context.Context, id classroom.EventID, after int64) ([]classroom.Fact, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loads++
	if slow := s.slow; slow > 0 {
		s.mu.Unlock()
		select {
		case <-time.After(slow):
		case <-ctx.Done():
		}
		s.mu.Lock()
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	if s.loadErr != nil {
		return nil, s.loadErr
	}
	return slices.Clone(s.facts[id][after:]), nil
}

func (s *memStore) Append(_ context.Context, id classroom.EventID, facts []classroom.Fact) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	keep, err := true, error(nil)
	if s.onAppend != nil {
		keep, err = s.onAppend(facts)
	}
	if keep {
		if want := int64(len(s.facts[id])) + 1; facts[0].Seq != want {
			return classroom.Refuse(classroom.Conflict, "seq")
		}
		s.facts[id] = append(s.facts[id], facts...)
		s.appends++
	}
	return err
}

func (s *memStore) Spans(context.Context, classroom.EventID) ([]attend.Span, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []attend.Span
	for _, sp := range s.spans {
		out = append(out, sp)
	}
	return out, nil
}

func (s *memStore) SaveSpans(_ context.Context, _ classroom.EventID, spans []attend.Span) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saveErr != nil {
		return s.saveErr
	}
	for _, sp := range spans {
		s.spans[keyOf(sp)] = sp
	}
	return nil
}

func (s *memStore) Person(_ context.Context, id classroom.PersonID) (classroom.Person, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	p, ok := s.people[id]
	if !ok {
		return p, classroom.Refuse(classroom.NotFound, "person_unknown")
	}
	return p, nil
}

func (s *memStore) set(f func(*memStore)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f(s)
}

// seconds sums the stored spans of a person and class, which never overlap for one device.
func (s *memStore) seconds(person string, class attend.Class) float64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	ms := int64(0)
	for _, sp := range s.spans {
		if sp.Person == person && sp.Class == class {
			ms += sp.To - sp.From
		}
	}
	return float64(ms) / 1000
}

func (s *memStore) factKinds() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []string
	for _, f := range s.facts[lecture] {
		out = append(out, f.Body.FactKind())
	}
	return out
}

// fakeMedia is an engine without packets: peers connect when offered and deliver until killed.
type fakeMedia struct {
	loud      map[sfu.PeerID]int // guarded by mu
	mu        sync.Mutex
	listener  sfu.Listener
	peers     map[sfu.PeerID]*fakePeer
	scenes    []sfu.Scene
	standings []sfu.Standing // not yet fetched
	manual    bool           // peers stay unconnected until connect
	err       error          // what offers are refused with
	offers    int
	restarts  int
	block     chan struct{} // if set, offers wait for it
	late      chan struct{} // an answer waits for it, the peer is there already
}

type fakePeer struct {
	health *sfu.Health // nil: nothing is told

	publisher bool
	alive     bool // the other side answers: connected and receiving
	told      int64
	held      classroom.Held
	pin       sfu.Quality
	own       *sfu.Scene
}

func (m *fakeMedia) Publish(ctx context.Context, _ sfu.RouterID, peer sfu.PeerID, _ string) (string, error) {
	return m.offer(ctx, peer, true)
}

func (m *fakeMedia) Subscribe(ctx context.Context, _ sfu.RouterID, peer sfu.PeerID, _ string) (string, error) {
	return m.offer(ctx, peer, false)
}

func (m *fakeMedia) offer(ctx context.Context, peer sfu.PeerID, publisher bool) (string, error) {
	if m.block != nil {
		select {
		case <-m.block:
		case <-ctx.Done():
			return "", ctx.Err()
		}
	}
	m.mu.Lock()
	m.offers++
	if m.err != nil {
		defer m.mu.Unlock()
		return "", m.err
	}
	m.peers[peer] = &fakePeer{publisher: publisher}
	manual := m.manual
	m.mu.Unlock()
	if !manual {
		m.connect(peer)
	}
	if m.late != nil {
		<-m.late
	}
	return "v=0 answer", nil
}

func (m *fakeMedia) connect(peer sfu.PeerID) {
	m.mu.Lock()
	if p := m.peers[peer]; p != nil {
		p.alive, p.told = true, time.Now().UnixMilli()
	}
	m.mu.Unlock()
	m.listener.PeerChanged(peer, sfu.Connected)
}

func (m *fakeMedia) Restart(_ context.Context, _ sfu.RouterID, peer sfu.PeerID, _ string) (string, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.peers[peer] == nil {
		return "", &sfu.Error{Code: sfu.PeerUnknown}
	}
	m.restarts++
	return "v=0 restarted", nil
}

func (m *fakeMedia) Fragment(context.Context, sfu.RouterID, sfu.PeerID, string) (string, error) {
	return "a=ice-ufrag:new", nil
}

func (m *fakeMedia) Close(_ sfu.RouterID, peer sfu.PeerID) { m.gone(peer) }

// gone ends a peer, as a lost transport does.
func (m *fakeMedia) gone(peer sfu.PeerID) {
	m.mu.Lock()
	_, ok := m.peers[peer]
	delete(m.peers, peer)
	m.mu.Unlock()
	if ok {
		m.listener.PeerChanged(peer, sfu.Gone)
	}
}

// freeze stops a peer's receiving without its transport being declared dead.
func (m *fakeMedia) freeze(peer sfu.PeerID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.peers[peer].alive = false
}

func (m *fakeMedia) Direct(_ sfu.RouterID, viewer sfu.PeerID, scene *sfu.Scene) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.peers[viewer]; p != nil {
		p.own = scene
	}
}

func (m *fakeMedia) Hold(_ sfu.RouterID, peer sfu.PeerID, sound, picture bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.peers[peer]; p != nil {
		p.held = classroom.Held{Sound: sound, Picture: picture}
	}
}

func (m *fakeMedia) SetScene(_ sfu.RouterID, scene sfu.Scene) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.scenes = append(m.scenes, scene)
}

func (m *fakeMedia) Deliveries(_ sfu.RouterID, dst []sfu.Delivery) []sfu.Delivery {
	m.mu.Lock()
	defer m.mu.Unlock()
	now := time.Now().UnixMilli()
	for id, p := range m.peers {
		if p.publisher || !p.alive {
			continue
		}
		sent := len(m.scenes) > 0 && m.scenes[len(m.scenes)-1].Main != ""
		if p.own != nil {
			sent = p.own.Main != "" || len(p.own.Audio) > 0 || p.own.Hush
		}
		if now > p.told && sent {
			dst = append(dst, sfu.Delivery{Peer: id, From: p.told, To: now})
		}
		p.told = now
	}
	return dst
}

func (m *fakeMedia) SetQuality(_ sfu.RouterID, peer sfu.PeerID, q sfu.Quality) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if p := m.peers[peer]; p != nil {
		p.pin = q
	}
}

func (m *fakeMedia) Standings(_ sfu.RouterID, dst []sfu.Standing) []sfu.Standing {
	m.mu.Lock()
	defer m.mu.Unlock()
	dst = append(dst, m.standings...)
	m.standings = nil
	return dst
}

func (m *fakeMedia) Quiets(_ sfu.RouterID, dst []sfu.Quiet) []sfu.Quiet {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, p := range m.peers {
		if p.publisher && !p.alive {
			dst = append(dst, sfu.Quiet{Peer: id, Ms: time.Now().UnixMilli() - p.told})
		} else if p.publisher {
			p.told = time.Now().UnixMilli()
			dst = append(dst, sfu.Quiet{Peer: id})
		}
	}
	return dst
}

func (m *fakeMedia) Healths(_ sfu.RouterID, dst []sfu.Health) []sfu.Health {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, p := range m.peers {
		if p.publisher && p.health != nil {
			h := *p.health
			h.Peer = id
			dst = append(dst, h)
		}
	}
	return dst
}

// fares says how what a publisher sends arrives from now on.
func (m *fakeMedia) fares(id sfu.PeerID, h sfu.Health) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.peers[id].health = &h
}

func (m *fakeMedia) scene() sfu.Scene {
	m.mu.Lock()
	defer m.mu.Unlock()
	if len(m.scenes) == 0 {
		return sfu.Scene{}
	}
	return m.scenes[len(m.scenes)-1]
}

// ids gives the living publishers or viewers.
func (m *fakeMedia) ids(publishers bool) []sfu.PeerID {
	m.mu.Lock()
	defer m.mu.Unlock()
	var out []sfu.PeerID
	for id, p := range m.peers {
		if p.publisher == publishers {
			out = append(out, id)
		}
	}
	return out
}

// tokens verifies by a table: the token is its jti.
type tokens map[string]Claims

func (v tokens) Verify(token string, now time.Time) (Claims, error) {
	c, ok := v[token]
	if n, is := strings.CutPrefix(token, "guest-"); is && n != "" { // as many as a test wants
		c, ok = Claims{Role: classroom.RoleGuest}, true
	}
	switch {
	case !ok:
		return c, classroom.Refuse(classroom.NotAllowed, "token_invalid")
	case !c.Expires.IsZero() && !now.Before(c.Expires):
		return c, classroom.Refuse(classroom.NotAllowed, "token_expired")
	}
	c.ID = token
	if c.Event == "" {
		c.Event = lecture
	}
	return c, nil
}

func testTokens() tokens {
	return tokens{
		"sri":    {Role: classroom.RoleParticipant, Person: "per1", Method: "nip"},
		"budi":   {Role: classroom.RoleParticipant, Person: "per2", Method: "code"},
		"guest":  {Role: classroom.RoleGuest},
		"guest2": {Role: classroom.RoleGuest},
		"op":     {Role: classroom.RoleOperator},
		"op2":    {Role: classroom.RoleOperator, Name: "Ani"},
		"mod":    {Role: classroom.RoleModerator},
		"mod2":   {Role: classroom.RoleModerator},
		"spk":    {Role: classroom.RoleSpeaker, Name: "Gubernur"},
		"spk2":   {Role: classroom.RoleSpeaker, Name: "Wakil Gubernur"},
		"whep":   {Role: classroom.RolePlayer},
		"door":   {Role: classroom.RoleParticipant, Door: true},
		"other":  {Role: classroom.RoleParticipant, Person: "per1", Event: "lain"},
		"nobody": {Role: classroom.RoleParticipant, Person: "per9"},
		"bpsdm":  {Role: classroom.RoleBPSDM, Event: AnyEvent},
	}
}

func actorOf(token string) classroom.Actor {
	c, _ := testTokens().Verify(token, time.Now())
	return classroom.Actor{Person: c.Person, Role: c.Role, Session: "direct", Link: c.ID}
}

var phaseLive = classroom.SetPhase{To: classroom.Live}

// Voices gives what the test says in loud.
func (m *fakeMedia) Voices(_ sfu.RouterID, dst []sfu.Loudness) []sfu.Loudness {
	m.mu.Lock()
	defer m.mu.Unlock()
	for id, level := range m.loud {
		dst = append(dst, sfu.Loudness{Peer: id, Level: level})
	}
	return dst
}

package cluster

import (
	"context"
	"crypto/ed25519"
	"encoding/json"
	"io"
	"log/slog"
	"math"
	"net/http"
	"net/netip"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/cosign"
	"betang/classroom/papers"
	"betang/signaling"

	"github.com/redis/go-redis/v9"
)

// What one node reads that another, or whoever else may write to Redis, has written.

// notebook is a Bus that writes down what is said.
type notebook struct {
	Bus
	mu   sync.Mutex
	said map[string][][]byte // by topic
	hear func(topic string, body []byte)
}

func (n *notebook) Say(_ context.Context, topic string, body []byte) error {
	n.mu.Lock()
	n.said[topic] = append(n.said[topic], body)
	n.mu.Unlock()
	if n.hear != nil {
		n.hear(topic, body)
	}
	return nil
}

// knows is a directory that knows everybody, and keeps what is copied in a store.
type knows struct{ Keeper }

func (knows) Event(_ context.Context, id classroom.EventID) (classroom.Event, error) {
	return classroom.Event{ID: id, Kind: classroom.Lecture}, nil
}

func (knows) EventsWithin(context.Context, time.Time, time.Time) ([]classroom.Event, error) {
	return []classroom.Event{{ID: "ev", Kind: classroom.Lecture}}, nil
}

func (knows) KeepEvent(context.Context, classroom.Event) error { return nil }

func (knows) Person(_ context.Context, id classroom.PersonID) (classroom.Person, error) {
	return classroom.Person{ID: id, Name: "Sri"}, nil
}

func (knows) PersonByNIP(context.Context, string) (classroom.Person, error) {
	return classroom.Person{ID: "p"}, nil
}

func (knows) PersonByCode(context.Context, classroom.EventID, string) (classroom.Person, error) {
	return classroom.Person{}, classroom.Refuse(classroom.NotFound, "person_unknown")
}
func (knows) Revoked(context.Context) ([]string, error) { return nil, nil }
func (knows) Revoke(context.Context, string) error      { return nil }

// strange is a Keeper to whom every event and person is new.
type strange struct{ Keeper }

func (strange) Event(context.Context, classroom.EventID) (classroom.Event, error) {
	return classroom.Event{}, classroom.Refuse(classroom.NotFound, "event_unknown")
}

func (strange) Person(context.Context, classroom.PersonID) (classroom.Person, error) {
	return classroom.Person{}, classroom.Refuse(classroom.NotFound, "person_unknown")
}

// listener is a hub that takes everything and refuses every second command.
type listener struct{ signaling.Seat }

func (listener) Rev() int64                                   { return 0 }
func (listener) Evidence([]attend.Span)                       {}
func (listener) Heard(string, bool, signaling.Here)           {}
func (listener) Shown(signaling.Gestures)                     {}
func (listener) SetHome(context.Context, int64) error         { return nil }
func (listener) Take(context.Context, []classroom.Fact) error { return nil }

func (listener) Facts(_ context.Context, after int64) ([]classroom.Fact, error) {
	if after < 0 || after > 3 {
		return nil, nil
	}
	return []classroom.Fact{{Seq: after + 1, At: time.Unix(1, 0).UTC(), Body: classroom.HandRaised{Hand: "h"}}}, nil
}

func (listener) Ask(_ context.Context, asked []signaling.Asked) []signaling.Outcome {
	out := make([]signaling.Outcome, len(asked))
	for i := range out {
		if out[i].Rev = int64(i); i%2 == 1 {
			out[i].Err = classroom.Refuse(classroom.Conflict, "already_there")
		}
	}
	return out
}

// among is a member that was never started: what comes to it is handed to it.
func among(f testing.TB, bus Bus) *Member {
	f.Helper()
	ctx, cancel := context.WithCancel(f.Context())
	f.Cleanup(cancel)
	m := &Member{
		cfg: Config{Bus: bus, Self: Node{Name: "asal"}, Dir: knows{}, Source: "asal.00", Term: DefaultTerm}, log: slog.New(slog.DiscardHandler), holder: "asal/1",
		ctx: ctx, cancel: cancel, busy: make(chan struct{}, 64), ear: make(chan struct{}), waiters: waiters{m: map[string]chan message{}}, soon: make(chan struct{}, 1),
		pages: map[string]bool{}, open: func(context.Context, classroom.EventID) error { return nil },
	}
	m.living.Store(&[]Node{{Name: "asal"}, {Name: "cadangan"}})
	m.SetLoad(func() Load { return Load{} })
	m.entered.Store(true)
	close(m.ear)
	return m
}

func tell(f func(message), m *Member, data []byte) {
	ear := make(chan []byte, 1)
	ear <- data
	close(ear)
	m.each(ear, f)
	m.work.Wait()
}

// FuzzMessage: whatever comes by any topic breaks nothing; what is answered is answered to who asked, and each command has its outcome.
func FuzzMessage(f *testing.F) {
	raise, err := classroom.EncodeCommand(classroom.Actor{Session: "s", Role: classroom.RoleGuest}, classroom.RaiseHand{})
	if err != nil {
		f.Fatal(err)
	}
	for _, m := range []message{
		{ID: "1", From: "tepi/1", Kind: kindDo, Token: 5, Items: []json.RawMessage{raise, raise}},
		{ID: "1", From: "tepi/1", Kind: kindFacts, After: 2},
		{ID: "1", From: "tepi/1", Kind: kindTail, After: math.MinInt64},
		{From: "tepi", Kind: kindHere, Here: &signaling.Here{}},
		{From: "tepi", Kind: kindHome, Token: 9},
		{From: "tepi", Kind: kindShow, Show: &signaling.Gestures{}},
		{Kind: kindWho},
		{Kind: kindOpen, Event: "ev"},
		{ID: "1", From: "tepi/1", Kind: kindEvent, Event: "ev"},
		{ID: "1", From: "tepi/1", Kind: kindPerson, Event: "p"},
		{ID: "1", From: "tepi/1", Kind: kindNIP, By: "1"},
		{ID: "1", From: "t", Kind: kindCode, Event: "ev", By: "c"},
		{Kind: kindDrain},
		{Kind: kindServe},
		{ID: "1", Kind: kindAnswer},
	} {
		f.Add(encode(m))
	}
	f.Add([]byte(`{"kind":"here","here":{"both":null,"regions":[{}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		bus := &notebook{Bus: NewMem(), said: map[string][][]byte{}}
		m := among(t, bus)
		p := m.Sit("ev", listener{}).(*place)
		p.token.Store(5)
		p.led.Store(5)
		for _, take := range []func(message){m.takeCall, p.takeCall, p.takeNews} {
			tell(take, m, data)
		}
		var asked message
		if json.Unmarshal(data, &asked) != nil && len(bus.said) > 0 {
			t.Fatalf("%q is no message, and %v is said", data, bus.said)
		}
		for topic, list := range bus.said {
			for _, body := range list {
				var a message
				if err := json.Unmarshal(body, &a); err != nil {
					t.Fatalf("%q: %v", body, err)
				}
				switch {
				case a.Kind == kindHome && topic == eventTopic("ev"):
				case a.Kind != kindAnswer || topic != nodeTopic(asked.From) || a.ID != asked.ID || a.From != m.holder:
					t.Fatalf("to %q: %q", topic, body)
				case asked.Kind == kindDo:
					if _, err := outcomesOf(a.Items, len(asked.Items)); err != nil {
						t.Fatalf("%d commands, %q: %v", len(asked.Items), body, err)
					}
				case asked.Kind == kindFacts || asked.Kind == kindTail:
					if _, err := factsOf(asked.After, a.Items); err != nil {
						t.Fatalf("after %d %q: %v", asked.After, body, err)
					}
				}
			}
		}
	})
}

// FuzzAnswer: whatever another node answers is refused or read, and an event or a person that was kept of it is read again as it was.
func FuzzAnswer(f *testing.F) {
	fact, err := classroom.EncodeFact(classroom.Fact{Seq: 1, At: time.Unix(1, 0).UTC(), Body: classroom.HandRaised{Hand: "h"}})
	if err != nil {
		f.Fatal(err)
	}
	for _, item := range [][]byte{
		fact, []byte(`{"rev":1,"kind":"Conflict","code":"already_there"}`), []byte(`{"rev":1}`), []byte(`1`), []byte(`null`),
	} {
		f.Add(item, true)
		f.Add(item, false)
	}
	for _, v := range []any{
		classroom.Event{ID: "baru", Kind: classroom.Lecture, Title: "Kuliah umum", StartsAt: time.Unix(1, 0).UTC()},
		classroom.Person{ID: "baru", Name: "Sri Wahyuni", NIP: "199001012015032007"},
	} {
		item, err := json.Marshal(v)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(item, false)
	}
	st := openStore(f)
	f.Fuzz(func(t *testing.T, item []byte, twice bool) {
		if !json.Valid(item) {
			t.Skip() // a message that holds it would be none: see FuzzMessage
		}
		items := []json.RawMessage{item}
		if twice {
			items = append(items, item)
		}
		bus := &notebook{Bus: NewMem(), said: map[string][][]byte{}}
		m := among(t, bus)
		bus.hear = func(_ string, body []byte) {
			var asked message
			if err := json.Unmarshal(body, &asked); err != nil {
				t.Fatal(err)
			}
			if asked.From == m.holder {
				tell(m.takeCall, m, encode(message{ID: asked.ID, From: "cadangan/1", Kind: kindAnswer, Items: items}))
			}
		}
		p := m.Sit("ev", listener{}).(*place)
		facts, err := p.fromHome(t.Context(), 0)
		for i, f := range facts {
			if f.Seq != int64(i)+1 || err != nil {
				t.Fatalf("%q is read as fact %d, %v", item, f.Seq, err)
			}
		}
		if list := p.tails(t.Context(), 0); len(list) != len(facts) {
			t.Fatalf("%q is read as %d facts, and as %d", item, len(facts), len(list))
		}
		outcomes, err := p.ask(t.Context(), 0, message{Kind: kindDo, Items: items})
		if (err == nil) != (len(outcomes) == len(items)) {
			t.Fatalf("%q is read as %+v, %v", item, outcomes, err)
		}
		s := m.Store(strange{st})
		if _, err := s.Event(t.Context(), "baru"); err == nil {
			if again, err := st.Event(t.Context(), "baru"); err != nil || again.ID != "baru" {
				t.Fatalf("%q is kept, and read as %+v, %v", item, again, err)
			}
		}
		if _, err := s.Person(t.Context(), "baru"); err == nil {
			if again, err := st.Person(t.Context(), "baru"); err != nil || again.ID != "baru" {
				t.Fatalf("%q is kept, and read as %+v, %v", item, again, err)
			}
		}
	})
}

// FuzzNode: whatever the registry, or what was kept of it, says of a node, clients are sent only to addresses that stand in it, and to no more
// than may be.
func FuzzNode(f *testing.F) {
	for _, n := range []Node{
		{Name: "asal", URL: "https://asal.example"},
		{Name: "tepi", URL: "https://tepi.example", Edge: true, Region: "62.02", Networks: []string{"10.0.0.0/8", "fd00::/8"}, Load: Load{CPU: 0.5}, Link: Link{Addrs: []string{"10.0.0.1:443"}, Key: "k", Via: "asal"}},
		{Name: "penuh", URL: "https://penuh.example", Drained: true, Load: Load{CPU: math.MaxFloat64, Less: true}, Networks: []string{"tidak", "0.0.0.0/0"}},
	} {
		info, err := json.Marshal(n)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(info, []byte(`{"nodes":[{"name":"cadangan","url":"https://c.example"}],"pages":["https://lama.example",""],"ahead":-9223372036854775808}`))
	}
	f.Fuzz(func(t *testing.T, info, kept []byte) {
		m := among(t, NewMem())
		m.cfg.Memory = recalled(kept)
		m.recall(t.Context())
		if _, err := m.Now(t.Context()); err != nil {
			t.Fatal(err)
		}
		n, err := readNode(string(info))
		if err != nil {
			return
		}
		nodes := append([]Node{n, n}, m.Nodes()...)
		m.living.Store(&nodes)
		stood := map[string]bool{}
		for _, n := range nodes {
			stood[n.URL] = true
		}
		for _, who := range []signaling.Seeker{{}, {Addr: netip.MustParseAddr("10.1.2.3"), Region: "62.02"}, {Stays: true}, {Placed: true, Addr: netip.MustParseAddr("fd00::1")}} {
			g := m.Guide(who)
			if len(g.Go) > mostGo || len(g.Others) > mostGo {
				t.Fatalf("%+v", g)
			}
			for _, u := range append(g.Go, g.Others...) {
				if u == "" || !stood[u] {
					t.Fatalf("sent to %q, of %+v", u, nodes)
				}
			}
		}
		m.mayLead()
		if list := m.OtherPages(); len(list) > mostPages {
			t.Fatalf("%d pages", len(list))
		}
	})
}

// recalled is a memory that holds one value.
type recalled []byte

func (r recalled) Recall(context.Context, string) ([]byte, error) { return r, nil }
func (recalled) Remember(context.Context, string, []byte) error   { return nil }

// FuzzStream: an entry of a stream of Redis is read as it was written, or refused.
func FuzzStream(f *testing.F) {
	f.Add("7-0", "5", `{"seq":7}`, "tepi.00", "3")
	f.Add("-1-0", "", "", "", "-9223372036854775808")
	f.Add("1", "0x5", "", "tepi.00", "1_0")
	f.Fuzz(func(t *testing.T, id, token, body, node, n string) {
		e, err := entryOf(redis.XMessage{ID: id, Values: map[string]any{"t": token, "b": body}})
		if err == nil && (string(e.Body) != body || e.Seq < 0) {
			t.Fatalf("%q %q %q is read as %+v", id, token, body, e)
		}
		list, err := batchesOf([]redis.XMessage{{ID: id, Values: map[string]any{"node": node, "n": n, "b": body}}})
		if err == nil && !reflect.DeepEqual(list[0], Batch{Node: node, N: list[0].N, Body: []byte(body), ID: id}) {
			t.Fatalf("%+v", list)
		}
		if _, err := batchesOf([]redis.XMessage{{ID: id, Values: map[string]any{"node": node, "b": 1}}}); err == nil {
			t.Fatal("a batch without a number is read")
		}
	})
}

// answers answers an origin's questions with a body.
type answers func(ask []byte) []byte

func (a answers) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	return &http.Response{StatusCode: http.StatusOK, Body: io.NopCloser(strings.NewReader(string(a(body))))}, nil
}

// taker is a PaperStore that takes what comes.
type taker struct {
	PaperStore
	took []papers.Paper
}

func (*taker) Copied(context.Context) (map[string]string, error) { return nil, nil }
func (*taker) CopyEvent(context.Context, classroom.Event) error  { return nil }
func (s *taker) TakePapers(_ context.Context, _ string, list []papers.Paper) (papers.Took, error) {
	s.took = append(s.took, list...)
	return papers.Took{New: len(list)}, nil
}

// FuzzPaperAnswer: what an address answers that is an origin's by the registry is taken in only if it was sealed for the question, and
// copying comes to an end.
func FuzzPaperAnswer(f *testing.F) {
	f.Add([]byte(`{"source":"cadangan.00","list":[{"id":"invited/kuliah/p1"}]}`), true)
	f.Add([]byte(`{"source":"cadangan.00","list":[{"id":"version/lain/v1","body":"eyJraW5kIjoiZXZlbnQifQ=="}],"more":true}`), true)
	f.Add([]byte(`{"source":"c","batch":"H4sI","upTo":9223372036854775807,"more":true}`), true)
	f.Add([]byte(`{"list":[{}]}`), false)
	f.Fuzz(func(t *testing.T, body []byte, sealed bool) {
		if sealed && !json.Valid(body) {
			t.Skip()
		}
		c, store := testCopier(t, "rahasia"), &taker{}
		c.m = among(t, &notebook{Bus: NewMem(), said: map[string][][]byte{}})
		c.m.living.Store(&[]Node{{Name: "asal"}, {Name: "cadangan", URL: "http://cadangan"}})
		shelf := &heap{}
		c.store, c.m.cfg.Shelf = store, shelf
		asked := 0
		c.line = &http.Client{Transport: answers(func(question []byte) []byte {
			var ask paperAsk
			if err := c.seal.open("ask", question, maxAsk, &ask); err != nil {
				t.Fatal(err)
			}
			if asked++; asked > 3 {
				body, sealed = []byte(`{}`), true
			}
			if !sealed {
				return body
			}
			out, err := c.seal.seal("answer "+ask.ID, json.RawMessage(body))
			if err != nil {
				t.Fatal(err)
			}
			return out
		})}
		plain := !sealed
		err := c.from(t.Context(), c.m.Nodes()[1])
		if plain && (err == nil || len(store.took) > 0) {
			t.Fatalf("%q was taken: %v", body, err)
		}
		asked = 0
		_ = c.evidence(t.Context(), "ev")
		if plain && len(shelf.spans) > 0 {
			t.Fatalf("%q was taken", body)
		}
	})
}

// heap is a Shelf that takes what comes.
type heap struct {
	Shelf
	spans []attend.Span
}

func (*heap) Marks(context.Context, classroom.EventID) (map[string]int64, error) { return nil, nil }

func (*heap) SaveHeads(context.Context, string, ed25519.PublicKey, []cosign.Signed) error {
	return nil
}

func (s *heap) SaveNodeSpans(_ context.Context, _ classroom.EventID, _ string, _, _ int64, spans []attend.Span) (int64, error) {
	s.spans = append(s.spans, spans...)
	return 0, nil
}

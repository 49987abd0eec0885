package cluster

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/papers"
)

// giver is a PaperStore that holds one paper.
type giver struct{ PaperStore }

func (giver) Papers(context.Context, string) ([]papers.Paper, bool, error) {
	return []papers.Paper{{ID: "invited/kuliah/p1"}}, false, nil
}

func (giver) LooseDigests(context.Context, time.Time) (map[string]string, error) {
	return map[string]string{"kuliah": "abc", "apel": "def"}, nil
}

func (giver) Loose(_ context.Context, event string) (papers.Loose, error) {
	return papers.Loose{Event: event, Answered: []string{"p:sri"}}, nil
}

func testCopier(t testing.TB, secret string) *copier {
	t.Helper()
	m := &Member{cfg: Config{Source: "asal.00", Self: Node{Name: "asal"}}, log: slog.New(slog.DiscardHandler)}
	m.living.Store(&[]Node{})
	c, err := newCopier(m, giver{}, []byte(secret))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// TestPapersOnlyForOrigins: who has not the origins' secret is told nothing, whoever has reads the answer to their own question, and
// an answer fits no other.
func TestPapersOnlyForOrigins(t *testing.T) {
	asked, stranger := testCopier(t, "rahasia"), testCopier(t, "bukan")
	web := httptest.NewServer(asked)
	defer web.Close()
	answer, err := asked.ask(t.Context(), web.URL, paperAsk{ID: "q1", Node: "cadangan"})
	if err != nil || answer.Source != "asal.00" || len(answer.List) != 1 {
		t.Errorf("%+v, %v", answer, err)
	}
	if loose, err := asked.ask(t.Context(), web.URL, paperAsk{ID: "q3", Node: "cadangan", Loose: map[string]string{"kuliah": "abc"}}); err != nil ||
		len(loose.Loose) != 1 || loose.Loose[0].Event != "apel" {
		t.Errorf("of loose papers, what differs: %+v, %v", loose, err)
	}
	if _, err := stranger.ask(t.Context(), web.URL, paperAsk{ID: "q1", Node: "cadangan"}); err == nil {
		t.Error("a stranger was answered")
	}
	if _, err := asked.ask(t.Context(), web.URL, paperAsk{ID: "q1", Node: "Tidak Sah"}); err == nil {
		t.Error("a node without a proper name was answered")
	}
	sealed, err := asked.seal.seal("answer q1", paperAnswer{Source: "x"})
	if err != nil {
		t.Fatal(err)
	}
	var into paperAnswer
	if asked.seal.open("answer q2", sealed, maxAnswer, &into) == nil || asked.seal.open("ask", sealed, maxAnswer, &into) == nil {
		t.Error("an answer opens as another")
	}
	if asked.seal.open("answer q1", sealed, 5, &into) == nil {
		t.Error("more than may be was unpacked")
	}
	if err := asked.seal.open("answer q1", sealed, maxAnswer, &into); err != nil || into.Source != "x" {
		t.Errorf("%+v, %v", into, err)
	}
}

// TestOldQuestionIsNotAnswered: a question that was heard on the line is worth nothing a minute later, nor is one of a node whose clock nobody
// set, and neither counts as a sign of life of who asked it. Between nodes whose own clocks are an hour apart, questions are new.
func TestOldQuestionIsNotAnswered(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		asked := testCopier(t, "rahasia")
		status := func(body []byte) int {
			w := httptest.NewRecorder()
			asked.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodPost, PapersPath, bytes.NewReader(body)))
			return w.Code
		}
		body, err := asked.seal.seal("ask", paperAsk{ID: "q1", Node: "cadangan", At: time.Now().UnixMilli()})
		ok(t, err)
		time.Sleep(askFresh)
		if got := status(body); got != http.StatusOK {
			t.Fatalf("a fresh question is answered with %d", got)
		}
		heard := asked.have["cadangan"].At
		time.Sleep(time.Second)
		if got := status(body); got != http.StatusForbidden || asked.have["cadangan"].At != heard {
			t.Errorf("an old one is answered with %d", got)
		}
		for _, at := range []time.Time{{}, time.Now().Add(2 * askFresh)} {
			body, err := asked.seal.seal("ask", paperAsk{ID: "q1", Node: "cadangan", At: at.UnixMilli()})
			ok(t, err)
			if got := status(body); got != http.StatusForbidden {
				t.Errorf("one of %v is answered with %d", at, got)
			}
		}
		skewed := testCopier(t, "rahasia")
		skewed.m.clock.Store(&reading{time.Now().Add(time.Hour), time.Now()}) // an hour behind the nodes' clock
		asked.m.clock.Store(&reading{time.Now().Add(time.Hour), time.Now()})
		skewed.line = &http.Client{Transport: direct{asked}}
		if _, err := skewed.ask(t.Context(), "http://asal", paperAsk{ID: "q2", Node: "cadangan"}); err != nil {
			t.Error(err)
		}
	})
}

// direct is a line to a handler.
type direct struct{ http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w.Result(), nil
}

// FuzzPaperAsk: what anybody sends to the address is refused or answered, nothing else; sealed or not.
func FuzzPaperAsk(f *testing.F) {
	f.Add([]byte(`{"id":"q","at":1000,"node":"cadangan","have":{"asal.00":"x"}}`), true)
	f.Add([]byte(`{"id":"q","node":"c","have":1}`), true)
	f.Add([]byte(`{"id":"q","at":1000,"node":"cadangan","event":"kuliah","marks":{"asal.00":7}}`), true)
	f.Add([]byte(`{"id":"q","at":1000,"node":"cadangan","loose":{"kuliah":"abc"}}`), true)
	f.Add([]byte(`{"id":"q","at":1000,"node":"cadangan","deck":"one","lacks":{"pictures":[{"page":1,"large":true}],"pieces":[0,-7]}}`), true)
	f.Add([]byte("tidak disegel"), false)
	c := testCopier(f, "rahasia")
	f.Fuzz(func(t *testing.T, body []byte, sealed bool) {
		if sealed {
			var err error
			if body, err = c.seal.seal("ask", json.RawMessage(body)); err != nil {
				t.Skip() // no JSON
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, PapersPath, bytes.NewReader(body))
		w := httptest.NewRecorder()
		c.m.cfg.Shelf = noShelf{}
		c.m.clock.Store(&reading{time.UnixMilli(1000), time.Now()})
		c.ServeHTTP(w, r)
		if w.Code == http.StatusOK && !sealed {
			t.Fatalf("%q was answered", body)
		}
	})
}

// noShelf has no evidence.
type noShelf struct{ Shelf }

func (noShelf) Outbox(context.Context, classroom.EventID, int64, int) ([]attend.Span, int64, error) {
	return nil, 0, nil
}

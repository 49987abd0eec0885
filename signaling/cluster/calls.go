package cluster

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"slices"
	"sync"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// Calls between nodes go by Talk: a message to a topic, and an answer to the caller's own. A call whose answer does not
// come may have been done or not.

// message is one call, answer or piece of news.
type message struct {
	ID    string            `json:"id,omitempty"`   // of the call
	From  string            `json:"from,omitempty"` // who calls: a holder
	Kind  string            `json:"kind"`
	Event classroom.EventID `json:"event,omitempty"` // or a person's id, of kindPerson
	After int64             `json:"after,omitempty"`
	Token int64             `json:"token,omitempty"` // of kindHome
	Items []json.RawMessage `json:"items,omitempty"` // commands, facts, outcomes, an event or a person
	Here  *signaling.Here   `json:"here,omitempty"`

	Show *signaling.Gestures `json:"show,omitempty"`
	By   string              `json:"by,omitempty"` // a NIP or a personal code: in no log
}

// The kinds of message.
const (
	kindAnswer = "answer"
	kindDo     = "do"     // commands for the home
	kindFacts  = "facts"  // facts after a number, of the home
	kindTail   = "tail"   // the same of every node
	kindHere   = "here"   // who is at a node
	kindShow   = "show"   // what people do at a node that is no fact
	kindHome   = "home"   // the same of the home, or only that it is there
	kindWho    = "who"    // somebody waits for kindHome
	kindOpen   = "open"   // somebody wants a home for an event
	kindEvent  = "event"  // an event as planned, of whoever knows it
	kindAhead  = "ahead"  // the events of the day, of whoever plans them
	kindPerson = "person" // a person, of whoever knows them
	kindNIP    = "nip"    // the same by NIP
	kindCode   = "code"   // the same by the personal code for an event
	kindDrain  = "drain"  // an operator: send your clients elsewhere
	kindServe  = "serve"  // an operator: serve again
)

const originTopic = "origin"

func nodeTopic(holder string) string            { return "node:" + holder }
func homeTopic(id classroom.EventID) string     { return "home:" + string(id) }
func eventTopic(id classroom.EventID) string    { return "event:" + string(id) }
func encode(m message) []byte                   { data, _ := json.Marshal(m); return data }
func (m *Member) say(topic string, msg message) { m.sayFor(m.ctx, topic, msg) }

// sayFor sends what may be lost.
func (m *Member) sayFor(ctx context.Context, topic string, msg message) {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	if err := m.cfg.Bus.Say(ctx, topic, encode(msg)); err != nil && m.ctx.Err() == nil {
		m.log.Debug("not said", "topic", topic, "err", err)
	}
}

// hear has f take every message of a topic, one after the other, until ctx ends; hears is closed once it does so, nil: nobody asks.
func (m *Member) hear(ctx context.Context, topic string, hears chan<- struct{}, f func(message)) error {
	ear, err := m.cfg.Bus.Hear(ctx, topic)
	if err != nil {
		return err
	}
	if hears != nil {
		close(hears)
	}
	m.work.Go(func() { m.each(ear, f) })
	return nil
}

// listen is hear that goes on trying, and returns when ctx ends.
func (m *Member) listen(ctx context.Context, topic string, hears chan<- struct{}, f func(message)) {
	for ctx.Err() == nil {
		ear, err := m.cfg.Bus.Hear(ctx, topic)
		if err != nil {
			wait(ctx, m.cfg.Term/10)
			continue
		}
		if hears != nil {
			close(hears)
			hears = nil
		}
		m.each(ear, f)
	}
}

func (m *Member) each(ear <-chan []byte, f func(message)) {
	for data := range ear {
		var msg message
		if err := json.Unmarshal(data, &msg); err != nil {
			m.log.Warn("a node talks nonsense", "err", err)
			continue
		}
		f(msg)
	}
}

// waiters are calls that wait for their answers: as many as their channel has room for, and no more.
type waiters struct {
	mu sync.Mutex
	m  map[string]chan message
}

// expect has answers to a call come to c until forget.
func (w *waiters) expect(id string, c chan message) (forget func()) {
	w.mu.Lock()
	w.m[id] = c
	w.mu.Unlock()
	return func() {
		w.mu.Lock()
		delete(w.m, id)
		w.mu.Unlock()
	}
}

// bring hands an answer over; nobody waits for one that is left over.
func (w *waiters) bring(answer message) {
	w.mu.Lock()
	defer w.mu.Unlock()
	select {
	case w.m[answer.ID] <- answer:
	default:
	}
}

// call says something that wants an answer, and waits for it.
func (m *Member) call(ctx context.Context, topic string, msg message) (message, error) {
	select {
	case <-m.ear: // else the answer may go by
	case <-ctx.Done():
		return message{}, ctx.Err()
	case <-m.ctx.Done():
		return message{}, m.ctx.Err()
	}
	msg.ID, msg.From = rand.Text(), m.holder
	c := make(chan message, 1)
	defer m.waiters.expect(msg.ID, c)()
	if err := m.cfg.Bus.Say(ctx, topic, encode(msg)); err != nil {
		return message{}, err
	}
	select {
	case answer := <-c:
		return answer, nil
	case <-ctx.Done():
		return message{}, ctx.Err()
	case <-m.ctx.Done():
		return message{}, m.ctx.Err()
	}
}

// askAll says something that wants an answer of every other node, and gives what came within a while: until as many answered
// as live, as far as the registry was read.
func (m *Member) askAll(ctx context.Context, topic string, msg message, while time.Duration) (answers []message) {
	msg.ID, msg.From = rand.Text(), m.holder
	c := make(chan message, 32) // more nodes than a province has
	defer m.waiters.expect(msg.ID, c)()
	ctx, cancel := context.WithTimeout(ctx, while)
	defer cancel()
	if err := m.cfg.Bus.Say(ctx, topic, encode(msg)); err != nil {
		return nil
	}
	for len(answers) < len(m.Nodes())-1 {
		select {
		case a := <-c:
			answers = append(answers, a)
		case <-ctx.Done():
			return answers
		}
	}
	return answers
}

func (m *Member) answer(to message, items []json.RawMessage) {
	m.say(nodeTopic(to.From), message{ID: to.ID, From: m.holder, Kind: kindAnswer, Items: items})
}

// handle has f answer a call on a goroutine of its own. With too many at work the call is lost, like any other.
func (m *Member) handle(f func(ctx context.Context)) {
	select {
	case m.busy <- struct{}{}:
	default:
		m.log.Warn("too many calls of other nodes at once; one is not answered")
		return
	}
	m.work.Go(func() {
		defer func() { <-m.busy }()
		ctx, cancel := context.WithTimeout(m.ctx, 10*time.Second)
		defer cancel()
		f(ctx)
	})
}

// takeCall takes what comes to this node, and what comes to all that are no edges.
func (m *Member) takeCall(msg message) {
	switch msg.Kind {
	case kindAnswer:
		m.waiters.bring(msg)
	case kindOpen:
		m.mu.Lock()
		open := m.open
		m.mu.Unlock()
		m.handle(func(ctx context.Context) {
			if err := open(ctx, msg.Event); err != nil {
				m.log.Warn("another node wants this event", "event", string(msg.Event), "err", err)
			}
		})
	case kindDrain, kindServe:
		m.log.Info("an operator asks", "for", msg.Kind)
		m.Amend(func(n *Node) { n.Drained = msg.Kind == kindDrain })
	case kindEvent, kindAhead, kindPerson, kindNIP, kindCode:
		if msg.From == m.holder {
			return
		}
		m.handle(func(ctx context.Context) {
			if item := m.lookUp(ctx, msg); item != nil {
				m.answer(msg, []json.RawMessage{item})
			}
		})
	}
}

// lookUp is nil for what this node does not know: another may.
func (m *Member) lookUp(ctx context.Context, msg message) json.RawMessage {
	var found any
	var err error
	switch msg.Kind {
	case kindEvent:
		found, err = m.cfg.Dir.Event(ctx, msg.Event)
	case kindAhead:
		found, err = m.eventsAhead(ctx, msg.By)
	case kindPerson:
		found, err = m.cfg.Dir.Person(ctx, classroom.PersonID(msg.Event))
	case kindNIP:
		found, err = m.cfg.Dir.PersonByNIP(ctx, msg.By)
	case kindCode:
		found, err = m.cfg.Dir.PersonByCode(ctx, msg.Event, msg.By)
	}
	if err != nil {
		return nil
	}
	item, err := json.Marshal(found)
	if err != nil {
		return nil
	}
	return item
}

// ask asks the other nodes that are no edges for something, and takes the first answer. It is false if nobody knows.
func (m *Member) ask(ctx context.Context, kind, id, by string, found any) bool {
	if !m.entered.Load() || !slices.ContainsFunc(m.Nodes(), func(n Node) bool { return !n.Edge && n.Name != m.cfg.Self.Name }) {
		return false
	}
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	answer, err := m.call(ctx, originTopic, message{Kind: kind, Event: classroom.EventID(id), By: by})
	if err != nil || len(answer.Items) != 1 {
		return false
	}
	return json.Unmarshal(answer.Items[0], found) == nil
}

// outcomeJSON is signaling.Outcome on its way.
type outcomeJSON struct {
	Rev  int64          `json:"rev"`
	Kind classroom.Kind `json:"kind,omitempty"`
	Code string         `json:"code,omitempty"`
}

var errAnswer = errors.New("cluster: an answer that is none")

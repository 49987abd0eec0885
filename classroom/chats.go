package classroom

import (
	"fmt"
	"time"

	"betang/classroom/chat"
	"betang/classroom/qa"
)

// MessageID names one chat message within its event: "m" and a running number.
type MessageID string

// The commands of the chat.
type (
	// SetChat lets people write, and react, or not.
	SetChat struct{ Chat, Reactions bool }
	// Say writes into the chat.
	Say struct{ Text string }
	// Unsay takes a message down: one's own, and by the desk anybody's.
	Unsay struct{ Message MessageID }
	// Promote makes a message a question of its writer's, which everyone sees at once.
	Promote struct{ Message MessageID }
)

func (SetChat) commandName() string { return "chat.set" }
func (Say) commandName() string     { return "chat" }
func (Unsay) commandName() string   { return "chat.remove" }
func (Promote) commandName() string { return "chat.promote" }

// newChat is the chat before anybody has set it: open in a class, closed where thousands listen.
func newChat(kind EventKind) *chat.Board { return chat.New(kind == Class, true) }

// MessageView is a copy of one message.
type MessageView struct {
	ID          MessageID
	By          Actor
	Text        string
	At          time.Time
	Gone, Asked bool
	Rev         int64
}

// Chat tells whether people may write, whether they may react, and the revision of that; 0 if nobody ever set it.
func (r *Room) Chat() (on, reactions bool, rev int64) { return r.chat.Set() }

// Messages are the messages of the chat's window whose revision is over since, oldest first.
func (r *Room) Messages(since int64) []MessageView {
	var out []MessageView
	for _, l := range r.chat.Lines(nil, since) {
		out = append(out, MessageView{messageID(l.N), writerActor(l.By), l.Text, time.UnixMilli(l.At).UTC(), l.Gone, l.Asked, l.Rev})
	}
	return out
}

// Said are the messages of the window that a person, or a guest's session, wrote and that stand.
func (r *Room) Said(by Actor) []MessageID {
	var out []MessageID
	for l := range r.chat.By(by.key()) {
		if !l.Gone {
			out = append(out, messageID(l.N))
		}
	}
	return out
}

func writer(a Actor) chat.Writer {
	return chat.Writer{
		Key: a.key(), Person: string(a.Person), Role: string(a.Role), Session: string(a.Session), Name: a.Name, Link: a.Link,
	}
}

func writerActor(w chat.Writer) Actor {
	return Actor{Person: PersonID(w.Person), Role: Role(w.Role), Session: SessionID(w.Session), Name: w.Name, Link: w.Link}
}

func (r *Room) planChat(now int64, by Actor, cmd Command) ([]FactBody, error) {
	c, id := chat.Change{By: writer(by), Desk: r.may(by.Role, "desk")}, MessageID("")
	switch x := cmd.(type) {
	case SetChat:
		c.Op, c.On, c.Wave = chat.OpSet, x.Chat, x.Reactions
	case Say:
		c.Op, c.Text = chat.OpSay, x.Text
		if r.phase == Ended {
			return nil, Refuse(Conflict, "event_ended")
		}
	case Unsay:
		c.Op, id = chat.OpRemove, x.Message
	case Promote:
		c.Op, id = chat.OpAsk, x.Message
		if r.phase == Ended {
			return nil, Refuse(Conflict, "event_ended")
		}
	}
	var ok bool
	if c.N, ok = numbered("m", string(id)); !ok {
		return nil, Refuse(NotFound, string(chat.ErrUnknown))
	}
	step, err := r.chat.Plan(now, c)
	if err != nil {
		return nil, chatRefusal(err)
	}
	if step == nil {
		return nil, nil
	}
	id = messageID(step.N)
	switch step.Op {
	case chat.OpSet:
		return []FactBody{ChatSet{step.On, step.Wave}}, nil
	case chat.OpSay:
		return []FactBody{Chatted{id, step.Text}}, nil
	case chat.OpRemove:
		return []FactBody{ChatRemoved{id}}, nil
	}
	q := questionID(r.board.Len() + 1)
	return []FactBody{ChatPromoted{id, q}, Approved{q}}, nil
}

// unsayAll are the facts by which the messages of the banned leave the chat.
func (r *Room) unsayAll(whose func(Actor) bool) []FactBody {
	var out []FactBody
	for _, l := range r.chat.Lines(nil, 0) {
		if !l.Gone && whose(writerActor(l.By)) {
			out = append(out, ChatRemoved{messageID(l.N)})
		}
	}
	return out
}

func (r *Room) foldChat(f Fact) error {
	var c chat.Change
	var id MessageID
	var q QuestionID
	switch b := f.Body.(type) {
	case ChatSet:
		c = chat.Change{Op: chat.OpSet, On: b.Chat, Wave: b.Reactions}
	case Chatted:
		c, id = chat.Change{Op: chat.OpSay, By: writer(f.By), Text: b.Text}, b.Message
	case ChatRemoved:
		c.Op, id = chat.OpRemove, b.Message
	case ChatPromoted:
		c.Op, id, q = chat.OpAsk, b.Message, b.Question
	}
	var ok bool
	if c.N, ok = numbered("m", string(id)); !ok {
		return fmt.Errorf("no message %q", id)
	}
	at := f.At.UnixMilli()
	if c.Op != chat.OpAsk {
		return r.chat.Commit(at, f.Seq, c)
	}
	l, ok := r.chat.Line(c.N)
	n, numberOK := questionNumber(q)
	if !ok || l.Gone || !numberOK {
		return fmt.Errorf("message %q became question %q", id, q)
	}
	if err := r.board.Commit(at, f.Seq, qa.Change{Op: qa.OpAsk, Question: n, Who: l.By.Key, Text: l.Text}); err != nil {
		return err
	}
	r.askers[n] = writerActor(l.By)
	return r.chat.Commit(at, f.Seq, c)
}

// chatKinds are the kinds of what the chat refuses.
var chatKinds = map[chat.Refusal]Kind{
	chat.ErrOff: Conflict, chat.ErrText: Invalid, chat.ErrFlood: Invalid, chat.ErrNIP: Invalid, chat.ErrRepeat: Conflict,
	chat.ErrOwnRate: TooMany, chat.ErrBusy: TooMany, chat.ErrUnknown: NotFound, chat.ErrGone: Conflict, chat.ErrOwner: NotAllowed,
	chat.ErrNobody: Invalid, chat.ErrOp: Invalid,
}

func chatRefusal(err error) error { return refusedBy(chatKinds, err) }

func messageID(n int) MessageID { return MessageID(numberID("m", n)) }

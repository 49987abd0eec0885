package signaling

import (
	"reflect"

	"betang/classroom"
	"betang/classroom/poll"
	"betang/signaling/wire"
)

// maxTexts is how many of the latest texts the desk sees of a poll that asks for one.
const maxTexts = 50

// tallies is what the audiences were told last of the polls that are open. Answers move only this, never a revision:
// ten thousand people answering in a minute cost everyone one short message a second.
type tallies struct {
	stirred bool // an answer came, or a poll turned, since they were looked at
	told    [audiences]wire.Tallies
}

// pollCommand translates the messages of polls that are commands of the room; nil for the others.
func pollCommand(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.MakePoll:
		return classroom.MakePoll{Spec: poll.Spec{
			Kind: poll.Kind(b.Kind), Text: b.Text, Options: b.Lines(), Top: b.Top, Right: poll.Pick(b.Right), Set: poll.Set(b.Set),
			Anonymous: b.Anonymous, Live: b.Live,
		}}
	case *wire.TurnPoll:
		return classroom.TurnPoll{Poll: classroom.PollID(b.Poll), To: poll.Status(b.To)}
	case *wire.ShowPoll:
		return classroom.ShowPoll{Poll: classroom.PollID(b.Poll), On: b.On}
	case *wire.AnswerPoll:
		return classroom.AnswerPoll{Poll: classroom.PollID(b.Poll), Answer: poll.Answer{
			Pick: poll.Pick(b.Pick), Value: b.Value, Text: b.Text,
		}}
	}
	return nil
}

// pollViews are the polls that changed since a revision, as an audience may see them.
func (h *Hub) pollViews(aud audience, since int64, full bool) []wire.Poll {
	var out []wire.Poll
	for _, p := range h.room.Polls(since) {
		visible := p.Status == poll.Open || p.Status == poll.Closed || p.Status == poll.Draft && aud == desk
		switch {
		case visible:
			out = append(out, h.pollView(aud, p))
		case !full && aud == desk: // a dropped draft; nobody else ever saw it
			out = append(out, wire.Poll{ID: string(p.ID), Options: []string{}, Status: "gone"})
		}
	}
	return out
}

func (h *Hub) pollView(aud audience, p classroom.PollView) wire.Poll {
	v := wire.Poll{
		ID: string(p.ID), Kind: string(p.Spec.Kind), Text: p.Spec.Text, Options: append([]string{}, p.Spec.Options...),
		Top: p.Spec.Top, Set: string(p.Spec.Set), Anonymous: p.Spec.Anonymous, Live: p.Spec.Live, Status: string(p.Status), Shown: p.Shown,
	}
	over := p.Status == poll.Closed
	if aud == desk || over && p.Shown {
		v.Right = int(p.Spec.Right)
	}
	if over && (aud == desk || p.Shown) {
		t := h.tallyView(aud, p)
		v.Tally = &t
	}
	return v
}

func (h *Hub) tallyView(aud audience, p classroom.PollView) wire.Tally {
	t := wire.Tally{Poll: string(p.ID), N: p.Tally.N, Counts: append([]int{}, p.Tally.Counts...)}
	if aud == desk && p.Spec.Kind == poll.Text {
		t.Texts = h.room.PollTexts(p.ID, maxTexts)
	}
	return t
}

// answersView are one's own answers.
func (h *Hub) answersView(by classroom.Actor) []wire.MyAnswer {
	var out []wire.MyAnswer
	for id, a := range h.room.PollAnswers(by) {
		out = append(out, wire.MyAnswer{Poll: string(id), Pick: int(a.Pick), Value: a.Value, Text: a.Text})
	}
	return out
}

func (h *Hub) talliesView(aud audience) wire.Tallies {
	v := wire.Tallies{Polls: []wire.Tally{}}
	for _, p := range h.room.Polls(0) {
		if p.Status == poll.Open && (aud == desk || p.Spec.Live || p.Shown) {
			v.Polls = append(v.Polls, h.tallyView(aud, p))
		}
	}
	return v
}

// sendTallies goes out at most once a second, when the counts of open polls changed.
func (h *Hub) sendTallies() {
	if !h.tallies.stirred || h.broken {
		return
	}
	h.tallies.stirred = false
	for aud := range audience(audiences) {
		v := h.talliesView(aud)
		if reflect.DeepEqual(v, h.tallies.told[aud]) {
			continue
		}
		h.tallies.told[aud] = v
		it := h.prepare("tallies", v)
		for _, m := range h.members {
			if m.conn != nil && m.aud == aud {
				m.conn.replace(latestTallies, it)
			}
		}
	}
}

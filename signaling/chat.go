package signaling

import (
	"betang/classroom"
	"betang/signaling/wire"
)

// reactions are what came in since everybody was told last; nothing of them is kept.
type reactions struct {
	fresh wire.Reactions
}

// chatCommand translates the messages of the chat that are commands of the room; nil for others.
func chatCommand(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.Chat:
		return classroom.Say{Text: b.Text}
	case *wire.ChatRemove:
		return classroom.Unsay{Message: classroom.MessageID(b.Message)}
	case *wire.ChatPromote:
		return classroom.Promote{Message: classroom.MessageID(b.Message)}
	case *wire.ChatSet:
		return classroom.SetChat{Chat: b.Chat, Reactions: b.Reactions}
	}
	return nil
}

// chatViews are the messages that changed since a revision.
func (h *Hub) chatViews(since int64, full bool) []wire.ChatLine {
	var out []wire.ChatLine
	for _, m := range h.room.Messages(since) {
		if m.Gone {
			if !full {
				out = append(out, wire.ChatLine{ID: string(m.ID), Gone: true})
			}
			continue
		}
		p := h.names[m.By.Person]
		out = append(out, wire.ChatLine{
			ID: string(m.ID), Text: m.Text, Name: h.nameOf(m.By), Role: string(m.By.Role), Unit: p.Unit, Region: h.region(p.Region),
			At: m.At.UnixMilli(), Asked: m.Asked,
		})
	}
	return out
}

// noteChat marks what a durable fact of the chat touched.
func (h *Hub) noteChat(f classroom.Fact) {
	switch b := f.Body.(type) {
	case classroom.Chatted:
		h.touch(f.By.Person, f.By.Session)
		if h.crowded() {
			h.stirred = true
			return // with the next beat
		}
	case classroom.ChatPromoted:
		h.touchAsker(b.Question)
	}
	h.wake()
}

// react counts a reaction in.
func (h *Hub) react(kind string) error {
	if _, on, _ := h.room.Chat(); !on {
		return classroom.Refuse(classroom.Conflict, "reactions_off")
	}
	if h.room.Phase() != classroom.Live {
		return classroom.Refuse(classroom.Conflict, "reactions_live")
	}
	var one wire.Reactions
	switch kind {
	case "clap":
		one.Clap = 1
	case "agree":
		one.Agree = 1
	case "love":
		one.Love = 1
	case "thanks":
		one.Thanks = 1
	}
	addReactions(&h.reactions.fresh, one)
	addReactions(&h.gestures.Reactions, one)
	return nil
}

func addReactions(r *wire.Reactions, more wire.Reactions) {
	r.Clap += more.Clap
	r.Agree += more.Agree
	r.Love += more.Love
	r.Thanks += more.Thanks
}

// sendReactions tells everybody how many reacted in the last second: one message, however many they were.
func (h *Hub) sendReactions() {
	if h.reactions.fresh == (wire.Reactions{}) {
		return
	}
	h.toAll(latestReactions, h.prepare("reactions", h.reactions.fresh))
	h.reactions.fresh = wire.Reactions{}
}

package signaling

import (
	"crypto/sha256"
	"encoding/hex"

	"betang/classroom"
	"betang/signaling/wire"
)

// maxDeeds is how many deeds of the desk are remembered: those of the last minutes. Full: the oldest is forgotten.
const maxDeeds = 24

// maxDeedText bounds what of a question a deed quotes, in characters.
const maxDeedText = 60

// tagOf names a session to others, who may not know its id.
func tagOf(id classroom.SessionID) string {
	sum := sha256.Sum256([]byte("tag:" + id))
	return hex.EncodeToString(sum[:4])
}

// noteDeed remembers what a durable fact says that somebody at the desk did.
func (h *Hub) noteDeed(f classroom.Fact) {
	if audienceOf(h.kind(), f.By.Role) != desk {
		return
	}
	what, of := h.deed(f.Body)
	if what == "" {
		return
	}
	if len(h.deeds) >= maxDeeds {
		h.deeds = append(h.deeds[:0], h.deeds[1:]...)
	}
	h.deeds = append(h.deeds, wire.Deed{
		Rev: f.Seq, At: f.At.UnixMilli(), By: h.nameOf(f.By), Role: string(f.By.Role), Tag: tagOf(f.By.Session), What: what, Of: of,
	})
}

// deed puts a fact into a word and a name; "" for what is no deed of the desk's.
func (h *Hub) deed(body classroom.FactBody) (what, of string) {
	either := func(yes bool, a, b string) string {
		if yes {
			return a
		}
		return b
	}
	switch b := body.(type) {
	case classroom.PhaseSet:
		return string(b.To), ""
	case classroom.CueStarted:
		return "cue", b.Cue.Title
	case classroom.CueUndone:
		return "cueback", h.cueTitle(b.Cue)
	case classroom.SceneSet:
		return "scene", h.vitals.staged[b.Scene.Main].Label
	case classroom.Placed:
		return either(b.Behind, "behind", "on"), h.vitals.staged[b.Source].Label
	case classroom.SourceHeld:
		return either(b.Held != classroom.Held{}, "hold", "free"), h.vitals.staged[b.Source].Label
	case classroom.StageLeft:
		return "off", h.vitals.staged[b.Source].Label
	case classroom.GateSet:
		return either(b.Closed, "gate", "gate_open"), ""
	case classroom.HandInvited:
		return "invite", h.nameOf(h.floor.raised[b.Hand])
	case classroom.HandLowered:
		return "lower", h.nameOf(h.floor.raised[b.Hand])
	case classroom.Banned:
		return "ban", h.nameOf(classroom.Actor{Person: b.Person})
	case classroom.Unbanned:
		return "unban", ""
	case classroom.Approved:
		return "approve", h.questionText(b.Question)
	case classroom.Rejected:
		return "reject", h.questionText(b.Question)
	case classroom.Merged:
		return "merge", h.questionText(b.Question)
	case classroom.Answered:
		return "answer", h.questionText(b.Question)
	case classroom.Shown:
		return either(b.Question != "", "show", "hide"), h.questionText(b.Question)
	case classroom.Announced:
		return either(b.Text != "", "announce", "announce_off"), clip(b.Text)
	case classroom.TookOver:
		if b.Hand {
			return either(b.On, "backup_on", "backup_off"), ""
		}
	}
	return "", ""
}

func (h *Hub) cueTitle(id classroom.CueID) string {
	for _, c := range h.room.Rundown().Cues {
		if c.ID == id {
			return c.Title
		}
	}
	return ""
}

func (h *Hub) questionText(id classroom.QuestionID) string {
	q, _ := h.room.Question(id)
	return clip(q.Text)
}

// clip gives the first words of a text.
func clip(text string) string {
	if r := []rune(text); len(r) > maxDeedText {
		return string(r[:maxDeedText-1]) + "…"
	}
	return text
}

// deedViews are the deeds since a revision, for the desk.
func (h *Hub) deedViews(aud audience, since int64) (out []wire.Deed) {
	if aud != desk {
		return nil
	}
	for _, d := range h.deeds {
		if d.Rev > since {
			out = append(out, d)
		}
	}
	return out
}

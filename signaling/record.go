package signaling

import (
	"betang/classroom"
	"betang/classroom/notes"
	"betang/signaling/wire"
)

// recordCommand translates the messages of captions and notes; nil for others.
func recordCommand(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.Caption:
		return classroom.Caption{N: b.N, Text: b.Text}
	case *wire.NotePut:
		return classroom.PutNote{Note: classroom.NoteID(b.Note), Kind: notes.Kind(b.Kind), Text: b.Text, Who: b.Who, Due: b.Due}
	case *wire.NoteDrop:
		return classroom.DropNote{Note: classroom.NoteID(b.Note)}
	}
	return nil
}

// captionViews are the last captions that changed since a revision.
func (h *Hub) captionViews(since int64) []wire.CaptionLine {
	var out []wire.CaptionLine
	for _, l := range h.room.Captions(since) {
		out = append(out, wire.CaptionLine{N: l.N, Text: l.Text, At: l.At})
	}
	return out
}

// noteViews are the points of the minutes that changed since a revision: for who takes them, and the desk.
func (h *Hub) noteViews(aud audience, since int64, full bool) []wire.Note {
	if aud != desk && aud != scribe {
		return nil
	}
	var out []wire.Note
	for _, n := range h.room.Notes(since) {
		if !n.Gone || !full {
			out = append(out, wire.Note{ID: string(n.ID), Kind: string(n.Kind), Text: n.Text, Who: n.Who, Due: n.Due, At: n.At, Gone: n.Gone})
		}
	}
	return out
}

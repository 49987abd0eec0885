package classroom

import (
	"fmt"

	"betang/classroom/caption"
	"betang/classroom/notes"
)

// NoteID names one point of the minutes within its event: "n" and a running number.
type NoteID string

// The commands of captions and notes.
type (
	// Caption types a line over the picture, or puts line N right; "" strikes it.
	Caption struct {
		N    int
		Text string
	}
	// PutNote writes a point of the minutes, or changes one.
	PutNote struct {
		Note           NoteID // "": a new one
		Kind           notes.Kind
		Text, Who, Due string
	}
	// DropNote takes one out.
	DropNote struct{ Note NoteID }
)

func (Caption) commandName() string  { return "caption" }
func (PutNote) commandName() string  { return "note.put" }
func (DropNote) commandName() string { return "note.drop" }

// NoteView is a copy of one point.
type NoteView struct {
	ID NoteID
	notes.Note
}

// Captions are the last lines whose revision is over since, oldest first.
func (r *Room) Captions(since int64) []caption.Line { return r.captions.Lines(nil, since) }

// Notes are the points of the minutes whose revision is over since, oldest first, dropped ones included.
func (r *Room) Notes(since int64) []NoteView {
	var out []NoteView
	for _, n := range r.notes.Notes(nil, since) {
		out = append(out, NoteView{noteID(n.N), n})
	}
	return out
}

// AllCaptions are all lines of a journal as they read at its end.
func AllCaptions(facts []Fact) []caption.Line {
	var out []caption.Line
	for _, f := range facts {
		c, ok := f.Body.(Captioned)
		switch {
		case !ok || c.N < 1 || c.N > len(out)+1: // a journal that a room took in has no such line
		case c.N <= len(out):
			out[c.N-1].Text, out[c.N-1].Rev = c.Text, f.Seq
		default:
			out = append(out, caption.Line{N: c.N, Text: c.Text, At: f.At.UnixMilli(), Rev: f.Seq})
		}
	}
	return out
}

func (r *Room) planRecord(cmd Command) ([]FactBody, error) {
	var n notes.Note
	var id NoteID
	switch x := cmd.(type) {
	case Caption:
		if r.phase == Ended {
			return nil, Refuse(Conflict, "event_ended")
		}
		as, ok, err := r.captions.Plan(x.N, x.Text)
		if err != nil || !ok {
			return nil, refusedBy(captionKinds, err)
		}
		return []FactBody{Captioned{as, x.Text}}, nil
	case PutNote:
		id, n = x.Note, notes.Note{Kind: x.Kind, Text: x.Text, Who: x.Who, Due: x.Due}
	case DropNote:
		if id, n.Gone = x.Note, true; id == "" {
			return nil, Refuse(NotFound, string(notes.ErrUnknown))
		}
	}
	var ok bool
	if n.N, ok = numbered("n", string(id)); !ok {
		return nil, Refuse(NotFound, string(notes.ErrUnknown))
	}
	as, ok, err := r.notes.Plan(n)
	if err != nil || !ok {
		return nil, refusedBy(noteKinds, err)
	}
	if as.Gone {
		return []FactBody{Noted{Note: noteID(as.N), Gone: true}}, nil
	}
	return []FactBody{Noted{noteID(as.N), string(as.Kind), as.Text, as.Who, as.Due, false}}, nil
}

func (r *Room) foldRecord(f Fact) error {
	at := f.At.UnixMilli()
	switch b := f.Body.(type) {
	case Captioned:
		return r.captions.Commit(at, f.Seq, b.N, b.Text)
	case Noted:
		n, ok := numbered("n", string(b.Note))
		was, had := r.notes.Note(n)
		if !ok || b.Gone && !had {
			return fmt.Errorf("no note %q", b.Note)
		}
		if b.Gone {
			was.Gone = true
			return r.notes.Commit(at, f.Seq, was)
		}
		return r.notes.Commit(at, f.Seq, notes.Note{N: n, Kind: notes.Kind(b.Kind), Text: b.Text, Who: b.Who, Due: b.Due})
	}
	return ErrFactKind
}

// The kinds of what the boards of captions and notes refuse.
var (
	captionKinds = map[caption.Refusal]Kind{caption.ErrText: Invalid, caption.ErrUnknown: NotFound}
	noteKinds    = map[notes.Refusal]Kind{
		notes.ErrText: Invalid, notes.ErrKind: Invalid, notes.ErrUnknown: NotFound, notes.ErrFull: Conflict,
	}
)

func noteID(n int) NoteID { return NoteID(numberID("n", n)) }

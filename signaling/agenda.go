package signaling

import (
	"betang/classroom"
	"betang/signaling/wire"
)

// agendaView is the rundown as everyone sees it.
func (h *Hub) agendaView() wire.Agenda {
	d := h.room.Rundown()
	v := wire.Agenda{Cues: make([]wire.Cue, len(d.Cues)), Now: string(d.Now), Music: d.Music, Undo: d.Undo}
	if !d.Since.IsZero() {
		v.Since = d.Since.UnixMilli()
	}
	for i, c := range d.Cues {
		v.Cues[i] = wire.Cue{
			ID: string(c.ID), Title: c.Title, Minutes: c.Minutes, Counts: !c.Uncounted, Music: c.Music, Cast: c.Cast,
			Layout: string(c.Layout),
		}
	}
	return v
}

// rundownCommand translates the messages of the rundown; nil for others.
func rundownCommand(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.CuePut:
		return classroom.PutCue{Cue: classroom.Cue{
			ID: classroom.CueID(b.ID), Title: b.Title, Minutes: b.Minutes, Uncounted: !b.Counts, Music: b.Music, Cast: b.Cast,
			Layout: classroom.Layout(b.Layout),
		}}
	case *wire.CueMove:
		return classroom.MoveCue{Cue: classroom.CueID(b.Cue), To: b.To}
	case *wire.CueDrop:
		return classroom.DropCue{Cue: classroom.CueID(b.Cue)}
	case *wire.StartCue:
		return classroom.StartCue{Cue: classroom.CueID(b.Cue), From: classroom.CueID(b.From)}
	case *wire.CueBack:
		return classroom.UndoCue{Cue: classroom.CueID(b.Cue)}
	case *wire.Announce:
		return classroom.Announce{Text: b.Text}
	}
	return nil
}

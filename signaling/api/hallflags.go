package api

import (
	"context"
	"net/http"
	"slices"

	"github.com/go-chi/chi/v5"

	"betang/classroom"
	"betang/signaling/wire"
)

// flagRow is one odd thing, with what was made of it.
type flagRow struct {
	ID      string       `json:"id"`
	Kind    string       `json:"kind"`
	People  []flagPerson `json:"people"`
	Halls   []string     `json:"halls"` // names
	From    string       `json:"from"`
	Seconds int          `json:"seconds"`
	Percent int          `json:"percent"`
	Missed  int          `json:"missed"`
	Said    []verdictRow `json:"said"` // oldest first; the last counts
}

type flagPerson struct {
	Person string `json:"person"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
}

type verdictRow struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	Who     string `json:"who"`
	At      string `json:"at"`
}

// flags lists what looks odd in an event's attendance.
func (h *hallServer) flags(w http.ResponseWriter, r *http.Request) {
	hub, id, err := h.openHall(r)
	var rows []flagRow
	if err == nil {
		rows, err = h.flagRows(r.Context(), hub, id)
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	answer(w, http.StatusOK, rows)
}

func (h *hallServer) flagRows(ctx context.Context, hub HallHub, id classroom.EventID) ([]flagRow, error) {
	flags, err := h.Flags(ctx, id)
	if err != nil {
		return nil, err
	}
	var ids []classroom.PersonID
	for _, f := range flags {
		ids = append(ids, f.Persons...)
	}
	slices.Sort(ids)
	people, err := h.Store.PeopleByID(ctx, slices.Compact(ids))
	if err != nil {
		return nil, err
	}
	out := []flagRow{}
	err = hub.Read(ctx, func(room *classroom.Room) {
		for _, f := range flags {
			row := flagRow{
				ID: f.Key(), Kind: string(f.Kind), People: []flagPerson{}, Halls: []string{}, From: stamp(f.From), Seconds: f.Seconds,
				Percent: f.Percent, Missed: f.Missed, Said: []verdictRow{},
			}
			for _, id := range f.Persons {
				p := people[id]
				row.People = append(row.People, flagPerson{string(id), p.FullName(), p.Unit})
			}
			for _, id := range f.Halls {
				v, _ := room.Hall(id)
				row.Halls = append(row.Halls, v.Name)
			}
			for _, j := range room.Judgements(row.ID) {
				row.Said = append(row.Said, verdictRow{string(j.Verdict), j.Reason, j.Who, stamp(j.At.UnixMilli())})
			}
			out = append(out, row)
		}
	})
	return out, err
}

type judgeRequest struct {
	Verdict string `json:"verdict"`
	Reason  string `json:"reason"`
	Who     string `json:"who"`
}

// judge records what BPSDM makes of a flag, and answers with all flags.
func (h *hallServer) judge(w http.ResponseWriter, r *http.Request) {
	var req judgeRequest
	err := decode(w, r, &req)
	var hub HallHub
	var id classroom.EventID
	if err == nil {
		hub, id, err = h.openHall(r)
	}
	reason, bad := wire.Tidy(req.Reason, 3, 200)
	if err == nil && bad != "" {
		err = classroom.Refuse(classroom.Invalid, "reason_empty")
	}
	who, bad := wire.Tidy(req.Who, 3, 200)
	if err == nil && bad != "" {
		err = classroom.Refuse(classroom.Invalid, "correction_who")
	}
	var flags []classroom.Flag
	if err == nil {
		flags, err = h.Flags(r.Context(), id)
	}
	i := slices.IndexFunc(flags, func(f classroom.Flag) bool { return f.Key() == chi.URLParam(r, "flag") })
	if err == nil && i < 0 {
		err = classroom.Refuse(classroom.NotFound, "flag_unknown")
	}
	if err == nil {
		_, err = hub.Do(r.Context(), actorOf(claimsOf(r)), classroom.JudgeFlag{
			Flag: flags[i], Verdict: classroom.Verdict(req.Verdict), Reason: reason, Who: who,
		})
	}
	if err != nil {
		h.refuse(w, r, err)
		return
	}
	h.flags(w, r)
}

package signaling

import (
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

// audience is who gets one and the same broadcast.
type audience uint8

const (
	everyone  audience = iota // questions that are approved or answered
	crew                      // and who waits behind the stage
	desk                      // and all questions, and the counts by region
	scribe                    // what everyone sees, and the notes
	audiences = 4
)

// backstage tells whether an audience sees what waits behind the stage.
func (a audience) backstage() bool { return a == crew || a == desk }

func audienceOf(kind classroom.EventKind, role classroom.Role) audience {
	if classroom.MayIn(kind, role, "desk") {
		return desk
	}
	if classroom.May(role, "backstage") {
		return crew
	}
	if classroom.May(role, "note.put") {
		return scribe
	}
	return everyone
}

// kind is the event's; it never changes.
func (h *Hub) kind() classroom.EventKind { return classroom.EventKind(h.public.Load().Kind) }

func eventView(r *classroom.Room) wire.Event {
	ev := r.Event()
	return wire.Event{
		ID: string(ev.ID), Kind: string(ev.Kind), Title: ev.Title, Speaker: ev.Speaker, Host: ev.Host, Place: ev.Place,
		StartsAt: stamp(ev.StartsAt), EndsAt: stamp(ev.EndsAt), Phase: string(r.Phase()), LiveSince: stamp(r.LiveSince()),
		JP: ev.PlannedJP(), Threshold: ev.Policy.ThresholdPercent,
	}
}

// stamp writes a time as RFC 3339 in UTC; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func (h *Hub) stageView(aud audience) wire.Stage {
	st := h.room.Stage()
	v := wire.Stage{
		Sources: make([]wire.Source, 0, len(st.Sources)),
		Main:    string(st.Scene.Main), Second: string(st.Scene.Second), Interpreter: string(st.Scene.Interpreter),
		Auto: st.Auto, Layout: string(st.Scene.Layout), Gate: st.Gate, Question: string(st.Shown), Takeover: h.takeoverView(),
	}
	for _, s := range st.Sources {
		if st.Behind[s.ID] && !aud.backstage() {
			continue
		}
		held := st.Held[s.ID]
		v.Sources = append(v.Sources, wire.Source{
			ID: string(s.ID), Kind: string(s.Kind), Owner: s.Owner, Label: s.Label,
			Audio: h.sounds(s.ID, held), HeldSound: held.Sound, HeldPicture: held.Picture, Behind: st.Behind[s.ID],
			Backup: h.room.IsBackup(s.Owner), Silent: h.room.IsSilent(s.ID),
		})
	}
	return v
}

// stateView is what an audience needs to know that knows revision since; everything if full.
func (h *Hub) stateView(aud audience, since int64, full bool) wire.State {
	if full {
		since = -1
	}
	st := wire.State{Rev: h.room.Rev(), Full: full}
	if h.room.EventRev() > since {
		ev := eventView(h.room)
		st.Event = &ev
	}
	if stage := h.room.Stage(); stage.Rev > since {
		v := h.stageView(aud)
		st.Stage = &v
	}
	if aud == desk && max(h.room.HandsRev(), h.room.BansRev()) > since {
		v := h.deskView()
		st.Desk = &v
	}
	if h.room.Rundown().Rev > since && h.room.Rundown().Rev > 0 {
		v := h.agendaView()
		st.Agenda = &v
	}
	if text, at, rev := h.room.Notice(); rev > since && rev > 0 {
		st.Notice = &wire.Notice{Text: text, At: stamp(at)}
	}
	st.Decks, st.Page = h.deckViews(aud, since), h.pageView(since)
	for _, q := range h.room.Questions(since) {
		switch {
		case aud == desk || public(q):
			st.Questions = append(st.Questions, h.questionView(q, aud == desk))
		case !full && q.Status != classroom.QuestionPending:
			// It may have been public before; a pending one never was.
			st.Questions = append(st.Questions, wire.Question{ID: string(q.ID), Status: "gone"})
		}
	}
	st.Polls = h.pollViews(aud, since, full)
	if on, wave, rev := h.room.Chat(); rev > since {
		st.Talk = &wire.Talk{Chat: on, Reactions: wave}
	}
	st.Chat = h.chatViews(since, full)
	st.Captions = h.captionViews(since)
	st.Notes = h.noteViews(aud, since, full)
	st.Deeds = h.deedViews(aud, since)
	return st
}

// nothing tells that a delta says nothing new.
func nothing(s wire.State) bool {
	return !s.Full && s.Event == nil && s.Stage == nil && s.Desk == nil && s.Agenda == nil && s.Notice == nil && len(s.Questions) == 0 && len(s.Polls) == 0 &&
		s.Talk == nil && len(s.Chat) == 0 && len(s.Captions) == 0 && len(s.Notes) == 0 && len(s.Deeds) == 0 && s.Decks == nil && s.Page == nil
}

func public(q classroom.QuestionView) bool {
	return q.Status == classroom.QuestionApproved || q.Status == classroom.QuestionAnswered
}

// questionView shows a question without its asker's name. Reasons are for the desk and the asker.
func (h *Hub) questionView(q classroom.QuestionView, reason bool) wire.Question {
	p := h.names[q.Asker]
	v := wire.Question{
		ID: string(q.ID), Text: q.Text, Status: string(q.Status), Support: q.Support, Region: h.region(p.Region), Unit: p.Unit,
		AskedAt: stamp(q.AskedAt), Into: string(q.Into), Answer: q.Answer,
	}
	if reason {
		v.Reason = q.Reason
	}
	return v
}

func (h *Hub) region(code string) string {
	if code == "" {
		return ""
	}
	return h.srv.cfg.RegionName(code)
}

// mineView is what concerns one member alone.
func (h *Hub) mineView(m *member, now time.Time) wire.Mine {
	v := wire.Mine{Questions: []wire.Question{}, Supported: []string{}}
	for _, q := range h.room.AskedBy(m.actor) {
		v.Questions = append(v.Questions, h.questionView(q, true))
	}
	m.supported = h.room.Supported(m.actor)
	for _, q := range m.supported {
		v.Supported = append(v.Supported, string(q))
	}
	v.Hand = h.myHand(m)
	v.Answers = h.answersView(m.actor)
	for _, id := range h.room.Said(m.actor) {
		v.Said = append(v.Said, string(id))
	}
	if m.person != nil {
		p := h.presenceView(m.person, now)
		v.Presence = &p
		if m.claims.Role == classroom.RoleParticipant {
			v.Check = m.person.checkView()
		}
	}
	return v
}

func (h *Hub) youView(m *member) wire.You {
	role := m.claims.Role
	you := wire.You{Role: string(role), Name: m.claims.Name, May: classroom.Permissions(h.room.Event().Kind, role)}
	if you.May == nil {
		you.May = []string{}
	}
	if m.aud == desk {
		you.Tag = tagOf(m.id)
	}
	if m.person != nil {
		p := h.names[m.claims.Person]
		you.Name, you.Unit, you.Region = fullName(p), p.Unit, h.region(p.Region)
		if p.NIP != "" {
			you.NIP = h.srv.cfg.MaskNIP(p.NIP)
		}
	}
	return you
}

// fullName is a name with its titles as printed: "Dr. Sri Wahyuni, S.Sos., M.Si."
func fullName(p classroom.Person) string {
	name := strings.TrimSpace(p.Front + " " + p.Name)
	if p.Back != "" {
		name += ", " + p.Back
	}
	return name
}

// countsView tells who is there, viewers as of the last beat. Regions are only for the desk and BPSDM.
func (h *Hub) countsView() wire.Counts {
	c := wire.Counts{
		Guests: h.present.guests, Participants: h.present.participants, Viewers: h.watchers.n, Hearing: h.watchers.hearing,
		Halls: h.inHalls.n, Regions: []wire.RegionCount{}, Rungs: h.watchers.ladder.list(),
	}
	regions := map[string]*wire.RegionCount{}
	region := func(code string) *wire.RegionCount {
		r := regions[code]
		if r == nil {
			r = &wire.RegionCount{Code: code, Name: h.region(code)}
			regions[code] = r
		}
		return r
	}
	for code, n := range h.present.regions {
		region(code).N = n
	}
	for code, n := range h.watchers.regions {
		r := region(code)
		r.Watch, r.Voice = n.watch, n.voice
	}
	for code, n := range h.inHalls.regions {
		region(code).Hall = n
	}
	for _, r := range regions {
		c.Regions = append(c.Regions, *r)
	}
	slices.SortFunc(c.Regions, func(a, b wire.RegionCount) int { return strings.Compare(a.Code, b.Code) })
	return c
}

// inAudience tells whether who watches in a role is one of those the event is for.
func inAudience(r classroom.Role) bool {
	switch r {
	case classroom.RoleParticipant, classroom.RoleGuest, classroom.RolePlayer, classroom.RoleHall:
		return true
	}
	return false
}

func sameCounts(a, b wire.Counts) bool {
	return a.Viewers == b.Viewers && a.Participants == b.Participants && a.Guests == b.Guests && a.Hearing == b.Hearing && a.Cut == b.Cut && a.Flows == b.Flows && a.Halls == b.Halls && slices.Equal(a.Nodes, b.Nodes) &&
		slices.Equal(a.Regions, b.Regions) && slices.Equal(a.Rungs, b.Rungs)
}

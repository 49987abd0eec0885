package signaling

import (
	"slices"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/breakout"
	"betang/sfu"
	"betang/signaling/gallery"
	"betang/signaling/wire"
)

const (
	lookEvery = 250 * time.Millisecond // a look at who speaks in a class
	speech    = 75                     // loudness, in dB above silence, from which somebody speaks
	speechMs  = 1_500                  // and for so long after the last such moment
)

// lesson is what the hub keeps of a class beside the room. Every viewer of a class has a scene of its own: the slots of the stage
// and of the gallery filled from the room it is in, without itself. Owned by the hub's goroutine.
type lesson struct {
	dirty bool                 // something changed since everyone was told
	spoke map[sfu.PeerID]int64 // Unix ms when each source last spoke
	loud  []sfu.Loudness       // scratch
}

// classTicker ticks for a class; for any other event it never does.
func (h *Hub) classTicker() *time.Ticker {
	t := time.NewTicker(lookEvery)
	if !h.room.IsClass() {
		t.Stop()
	}
	return t
}

// classCommand translates the messages of a class that are commands of the room; nil for the others.
func classCommand(body any) classroom.Command {
	switch b := body.(type) {
	case *wire.SetClass:
		return classroom.SetClass{Share: b.Share, Lock: b.Lock}
	case *wire.GrantShare:
		return classroom.GrantShare{Seat: classroom.SeatID(b.Seat), On: b.On}
	case *wire.Quiet:
		return classroom.Quiet{Source: classroom.SourceID(b.Source)}
	case *wire.CallOn:
		return classroom.CallOn{Source: classroom.SourceID(b.Source)}
	case *wire.Speak:
		return classroom.Speak{}
	case *wire.MakeRooms:
		return classroom.MakeRooms{Count: b.Count, Way: breakout.Way(b.Way)}
	case *wire.PutInRoom:
		return classroom.PutInRoom{Seat: classroom.SeatID(b.Seat), Room: classroom.RoomID(b.Room)}
	case *wire.OpenRooms:
		return classroom.OpenRooms{Minutes: b.Minutes}
	case *wire.CloseRooms:
		return classroom.CloseRooms{Seconds: b.Seconds}
	case *wire.GoToRoom:
		return classroom.GoToRoom{Room: classroom.RoomID(b.Room)}
	case *wire.CallHelp:
		return classroom.CallHelp{On: b.On}
	}
	return nil
}

// fill adds to a command what only the hub knows: who is here to be dealt out.
func (r *reader) fill(cmd classroom.Command) classroom.Command {
	make, ok := cmd.(classroom.MakeRooms)
	if !ok {
		return cmd
	}
	// Of a hub that stopped nobody is here; the command is refused then.
	_ = r.hub.call(r.ctx, func() {
		for _, seat := range r.hub.presentSeats() {
			make.Present = append(make.Present, seat.By)
		}
	})
	return make
}

// presentSeats are the seats whose people are connected, in the order of coming.
func (h *Hub) presentSeats() []classroom.Seat {
	here := map[classroom.SeatID]bool{}
	for _, m := range h.members {
		if s, ok := h.room.SeatOf(m.actor); ok && m.conn != nil {
			here[s.ID] = true
		}
	}
	return slices.DeleteFunc(h.room.Seats(), func(s classroom.Seat) bool { return !here[s.ID] })
}

// gaze notes which faces a device looks at, and whether they stand small there.
func (h *Hub) gaze(m *member, sources string, small bool) {
	m.gaze, m.small = nil, small
	for id := range strings.SplitSeq(sources, ",") {
		if id != "" {
			m.gaze = append(m.gaze, sfu.PeerID(id))
		}
	}
	if h.room.IsClass() {
		h.setScene()
	}
}

// mic notes what a device says of its own microphone: others see it on its picture.
func (h *Hub) mic(m *member, on bool) {
	m.micOff = !on
	h.class.dirty = true
}

// noteClass marks what a durable fact of a class touched; it tells whether scenes may be others.
func (h *Hub) noteClass(f classroom.Fact) bool {
	if !h.room.IsClass() {
		return false
	}
	h.class.dirty = true
	switch f.Body.(type) {
	case classroom.Quieted, classroom.Spoke, classroom.RoomPut, classroom.RoomsMade, classroom.RoomsOpened, classroom.RoomsClosed,
		classroom.RoomEntered:
		return true
	}
	return false
}

// closeRooms ends the rooms whose time is over, in the name of who opened them.
func (h *Hub) closeRooms(now time.Time) {
	at, by, ok := h.room.RoomsDue()
	if !ok || h.broken || h.homeless() || now.UnixMilli() < at {
		return
	}
	h.apply(request{by: by, cmd: classroom.CloseRooms{}, then: func(_ int64, err error) {
		if err != nil {
			h.log.Warn("breakout rooms still open", "err", err)
		}
	}})
}

// lookAtClass sees who speaks, and tells everyone what is new.
func (h *Hub) lookAtClass(now time.Time) {
	if h.broken || len(h.members) == 0 {
		return
	}
	if h.class.spoke == nil {
		h.class.spoke = map[sfu.PeerID]int64{}
	}
	ms := now.UnixMilli()
	was := h.speaking(ms - lookEvery.Milliseconds())
	h.class.loud = h.srv.cfg.Media.Voices(h.router(), h.class.loud[:0])
	for _, v := range h.class.loud {
		if v.Level >= speech {
			h.class.spoke[v.Peer] = ms
		}
	}
	for id := range h.class.spoke {
		if h.peers[id] == nil {
			delete(h.class.spoke, id)
		}
	}
	if !slices.Equal(was, h.speaking(ms)) {
		h.class.dirty = true
		h.setScene()
	}
	if !h.class.dirty {
		return
	}
	h.class.dirty = false
	h.sendClass(ms)
}

// speaking are the sources that speak, sorted.
func (h *Hub) speaking(ms int64) []sfu.PeerID {
	var out []sfu.PeerID
	for id, at := range h.class.spoke {
		if ms-at < speechMs {
			out = append(out, id)
		}
	}
	slices.Sort(out)
	return out
}

// classScenes gives the engine the scene of every viewer that is a member's, and returns the one for all others: the class itself.
func (h *Hub) classScenes() sfu.Scene {
	st := h.room.Stage()
	want := map[sfu.PeerID]sfu.Scene{}
	live := h.room.Phase() == classroom.Live || h.room.Phase() == classroom.Scheduled // before the trainer comes, people see each other
	for _, m := range h.members {
		if m.viewer == nil {
			continue
		}
		var scene sfu.Scene
		if live {
			scene = h.classScene(st, h.room.PlaceOf(m.actor), m)
			scene.Hush = h.room.Phase() == classroom.Live // whoever sits in a silent room is present, too
		}
		m.tiles = scene.Tiles
		want[m.viewer.id] = scene
	}
	h.class.dirty = true
	h.directAll(want)
	if h.room.Phase() != classroom.Live {
		return sfu.Scene{}
	}
	scene := h.classScene(st, "", nil)
	scene.Tiles = nil
	return scene
}

// classScene is what is seen and heard in one room, by m or by nobody in particular.
func (h *Hub) classScene(st classroom.StageView, room classroom.RoomID, m *member) sfu.Scene {
	view := h.room.ClassScene(room)
	s := sfu.Scene{Main: sfu.PeerID(view.Main), Second: sfu.PeerID(view.Second), Interpreter: sfu.PeerID(view.Interpreter)}
	own := func(p *peer) bool { return m != nil && (p.member == m || p.owned(m.actor)) }
	var faces []gallery.Face[sfu.PeerID]
	for _, src := range st.Sources {
		p := h.peers[sfu.PeerID(src.ID)]
		if p == nil || st.Behind[src.ID] || h.room.PlaceOf(p.actor) != room || own(p) {
			continue
		}
		if p.audio && !st.Held[src.ID].Sound {
			s.Audio = append(s.Audio, p.id)
		}
		if src.Kind == classroom.Camera && p.id != s.Main && p.id != s.Second {
			faces = append(faces, gallery.Face[sfu.PeerID]{ID: p.id, Spoke: h.class.spoke[p.id]})
		}
	}
	if m != nil {
		for _, slot := range []*sfu.PeerID{&s.Main, &s.Second, &s.Interpreter} {
			if p := h.peers[*slot]; p != nil && own(p) {
				*slot = "" // its page has the picture already
			}
		}
		s.Small = m.small
		s.Tiles = gallery.Fill(m.tiles, m.gaze, faces, sfu.TileSlots)
	}
	s.Shared = sharedIn(s, st)
	return s
}

// sendClass tells everyone what of the class is new to them.
func (h *Hub) sendClass(ms int64) {
	st, v := h.room.Stage(), h.room.Class()
	speaking := h.speaking(ms)
	places := map[classroom.RoomID][]string{}
	muted := map[classroom.RoomID][]string{}
	for _, src := range st.Sources {
		if p := h.peers[sfu.PeerID(src.ID)]; p != nil && !st.Behind[src.ID] {
			at := h.room.PlaceOf(p.actor)
			places[at] = append(places[at], string(src.ID))
			if h.mutedSource(p, st) {
				muted[at] = append(muted[at], string(src.ID))
			}
		}
	}
	people := h.pupils(st)
	rooms := make([]wire.Room, v.Rooms)
	for i := range rooms {
		rooms[i] = wire.Room{ID: string(classroom.RoomNumber(i + 1)), N: i + 1}
		rooms[i].Help = slices.Contains(v.Calls, classroom.RoomID(rooms[i].ID))
		for _, p := range people {
			if p.Room == rooms[i].ID {
				rooms[i].Count++
			}
		}
	}
	for _, m := range h.members {
		if m.conn == nil {
			continue
		}
		here := h.room.PlaceOf(m.actor)
		scene := h.room.ClassScene(here)
		w := wire.ClassState{
			Here: string(here), Main: string(scene.Main), Second: string(scene.Second), Interpreter: string(scene.Interpreter),
			Tiles: make([]string, sfu.TileSlots), Sources: append([]string{}, places[here]...), Muted: append([]string{}, muted[here]...), Speaking: []string{},
			Share: v.Share, Lock: v.Lock, Rooms: rooms, Way: string(v.Way), Open: v.Open, Until: v.Until,
		}
		for i, id := range m.tiles {
			w.Tiles[i] = string(id)
		}
		for _, id := range speaking {
			if slices.Contains(w.Sources, string(id)) {
				w.Speaking = append(w.Speaking, string(id))
			}
		}
		if seat, ok := h.room.SeatOf(m.actor); ok {
			w.MayShare, w.Helping = seat.Share, seat.Calls
		} else {
			w.MayShare = classroom.May(m.claims.Role, "backstage")
		}
		for id := range m.sources {
			w.Called = w.Called || h.room.CalledOf(classroom.SourceID(id))
		}
		if classroom.MayIn(classroom.Class, m.claims.Role, "rooms.make") {
			w.People = people
		}
		if data := encode("class", 0, w); string(data) != m.classTold {
			m.classTold = string(data)
			m.conn.replace(latestClass, item{data: data})
		}
	}
}

// mutedSource tells whether nobody hears a source: it sends no sound, was silenced, or its owner says that the microphone is off.
func (h *Hub) mutedSource(p *peer, st classroom.StageView) bool {
	return !p.audio || st.Held[classroom.SourceID(p.id)].Sound || p.member != nil && p.member.micOff
}

// pupils are the participants and guests who are connected, for the trainers.
func (h *Hub) pupils(st classroom.StageView) []wire.Pupil {
	var out []wire.Pupil
	for _, s := range h.presentSeats() {
		p := wire.Pupil{
			Seat: string(s.ID), Name: h.nameOf(s.By), Unit: h.names[s.By.Person].Unit, Room: string(s.Room), Share: s.Share, Help: s.Calls,
		}
		if hand, place, ok := h.room.HandOf(s.By); ok {
			p.Hand, p.HandID = place, string(hand.ID)
		}
		for _, src := range st.Sources {
			if x := h.peers[sfu.PeerID(src.ID)]; x != nil && src.Kind == classroom.Camera && x.owned(s.By) {
				p.Source, p.Muted, p.Quiet = string(src.ID), h.mutedSource(x, st), st.Held[src.ID].Sound
				p.Called = h.room.CalledOf(src.ID)
			}
		}
		out = append(out, p)
	}
	return out
}

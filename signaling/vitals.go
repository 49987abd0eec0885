package signaling

import (
	"bytes"
	"cmp"
	"math"
	"slices"
	"time"

	"betang/classroom"
	"betang/sfu"
	"betang/signaling/alarm"
	"betang/signaling/wire"
)

// Status is how the server fares, as of a moment ago. Config.Status gives it, from memory.
type Status struct {
	CPU, Egress float64 // of what is rated: from 1 on newcomers get less; 0: not known
	DiskFree    int64   // bytes free where the journal is; negative: not known
	Nodes       []NodeStatus
}

// NodeStatus is how another server is heard.
type NodeStatus struct {
	Name   string
	Away   time.Duration // since it was heard of last; 0: it is heard
	Linked bool          // media goes between the two
	Up     bool          // the link for it stands
	RTT    time.Duration // of the link; 0: not known
}

const (
	maxVitals  = 64      // sources whose state the desk is told; a stage has a few
	lostFor    = 120_000 // ms that a lost source is told of, if it does not come back
	longAppend = 10      // beats over which the longest write is told
	fewViewers = 5       // of fewer nothing is said
)

// vitals is what the hub keeps to tell the desk how the stage and the server fare. Owned by the hub's goroutine.
type vitals struct {
	board   alarm.Board
	sources alarm.Sources
	regions alarm.Regions

	staged map[classroom.SourceID]classroom.Source // as they entered
	silent map[classroom.SourceID]bool             // of these, of which no media came at last
	lost   map[lostKey]lostSource

	appends [longAppend]int64 // ms of each beat's longest write, by beat
	unsaved int64             // since when evidence waits to be stored, ms; 0: none does
	broken  int64             // since when nothing can be written, ms; 0: it can
	dark    int64             // until when nothing is said of viewers without media: it has only begun to flow

	healths []sfu.Health // scratch
	signs   []alarm.Sign // scratch
	alarms  []alarm.Alarm
	told    []byte // message as sent last
}

// lostKey is whose source of which kind it was: another of the same is its return.
type lostKey struct {
	owner string
	kind  classroom.SourceKind
}

type lostSource struct {
	label string
	at    int64
}

func newVitals(r *classroom.Room) vitals {
	v := vitals{
		staged: map[classroom.SourceID]classroom.Source{}, silent: map[classroom.SourceID]bool{}, lost: map[lostKey]lostSource{},
	}
	for _, s := range r.Stage().Sources {
		v.staged[s.ID] = s
	}
	return v
}

// noteVitals keeps who came and who was lost. It comes after what else a fact touches, which may ask for the names.
func (h *Hub) noteVitals(f classroom.Fact) {
	v := &h.vitals
	switch b := f.Body.(type) {
	case classroom.StageEntered:
		v.staged[b.Source.ID] = b.Source
		delete(v.lost, lostKey{b.Source.Owner, b.Source.Kind})
	case classroom.SourceSilent:
		v.silent[b.Source] = b.Silent
	case classroom.StageLeft:
		s, known := v.staged[b.Source]
		if known && v.silent[b.Source] && audienceOf(h.kind(), f.By.Role) != desk && h.room.Phase() == classroom.Live {
			v.lost[lostKey{s.Owner, s.Kind}] = lostSource{s.Label, f.At.UnixMilli()}
		}
		delete(v.staged, b.Source)
		delete(v.silent, b.Source)
	case classroom.PhaseSet:
		clear(v.lost)
	}
}

// noteAppend keeps how long a write took.
func (h *Hub) noteAppend(took time.Duration) {
	at := &h.vitals.appends[h.beats%longAppend]
	*at = max(*at, took.Milliseconds())
}

// sendVitals measures once a second what the desk is told, and tells it.
func (h *Hub) sendVitals(now time.Time) {
	if h.room.IsClass() || h.room.Phase() == classroom.Ended {
		return
	}
	v, ms := &h.vitals, now.UnixMilli()
	status := Status{DiskFree: -1}
	if h.srv.cfg.Status != nil {
		status = h.srv.cfg.Status()
	}
	v.signs = h.serverSigns(v.signs[:0], ms, status)
	view := wire.Vitals{Sources: h.sourceVitals(ms), Alarms: []wire.Alarm{}}
	v.appends[(h.beats+1)%longAppend] = 0
	v.alarms = v.board.Step(v.alarms[:0], ms, v.signs)
	for _, a := range v.alarms {
		view.Alarms = append(view.Alarms, wire.Alarm{
			ID: a.N, Kind: string(a.Kind), Bad: a.Bad, Name: h.subject(a), Since: a.Since, Value: math.Round(a.Value*100) / 100,
		})
	}
	h.tellVitals(view)
}

// tellVitals sends them to the desk, if it has not just heard the same.
func (h *Hub) tellVitals(view wire.Vitals) {
	var it item
	for _, m := range h.members {
		if m.conn == nil || m.aud != desk {
			continue
		}
		if it.empty() {
			data := encode("vitals", 0, view)
			if bytes.Equal(data, h.vitals.told) {
				return
			}
			h.vitals.told, it = data, h.prepared("vitals", data)
		}
		m.conn.replace(latestVitals, it)
	}
}

// subject names what an alarm is about.
func (h *Hub) subject(a alarm.Alarm) string {
	switch a.Kind {
	case alarm.NodeLost, alarm.LinkBad, alarm.SpeakerLost:
		return a.Of
	case alarm.RegionGone, alarm.RegionVoice:
		return h.region(a.Of)
	}
	return h.vitals.staged[classroom.SourceID(a.Of)].Label
}

// serverSigns are those that are about no source.
func (h *Hub) serverSigns(dst []alarm.Sign, ms int64, s Status) []alarm.Sign {
	v := &h.vitals
	sign := func(k alarm.Kind, of string, value float64) {
		dst = append(dst, alarm.Sign{Kind: k, Of: of, Value: value})
	}
	sign(alarm.CPU, "", s.CPU)
	sign(alarm.Egress, "", s.Egress)
	if s.DiskFree >= 0 {
		sign(alarm.DiskLow, "", -float64(s.DiskFree)/(1<<30))
	}
	sign(alarm.JournalSlow, "", float64(slices.Max(v.appends[:])))
	keep(&v.broken, ms, h.broken)
	sign(alarm.JournalStopped, "", lasts(v.broken, ms))
	sign(alarm.EvidenceLate, "", lasts(v.unsaved, ms))
	sign(alarm.ClockSkew, "", math.Abs(float64(h.srv.cfg.Wall().UnixMilli()-ms))/1000)
	for _, n := range s.Nodes {
		sign(alarm.NodeLost, n.Name, n.Away.Seconds())
		if n.Linked && n.Away == 0 {
			rtt := float64(n.RTT.Milliseconds())
			if !n.Up {
				rtt = alarm.Down
			}
			sign(alarm.LinkBad, n.Name, rtt)
		}
	}
	for key, l := range v.lost {
		if ms-l.at > lostFor {
			delete(v.lost, key)
			continue
		}
		sign(alarm.SpeakerLost, l.label, float64(ms-l.at)/1000)
	}
	return h.audienceSigns(dst, ms)
}

// audienceSigns are about those who watch. An outage of a regency's network takes many at once.
func (h *Hub) audienceSigns(dst []alarm.Sign, ms int64) []alarm.Sign {
	v := &h.vitals
	c := h.Counts()
	if h.room.Phase() != classroom.Live {
		v.regions, v.dark = alarm.Regions{}, ms+2*hearingMs
		return dst
	}
	var list []alarm.Region
	for _, r := range c.Regions {
		list = append(list, alarm.Region{Code: r.Code, N: r.N, Watch: r.Watch, Voice: r.Voice})
	}
	dst = v.regions.Step(dst, ms, list)
	if len(h.room.Stage().Sources) == 0 {
		v.dark = ms + 2*hearingMs
	}
	if c.Viewers >= fewViewers && ms > v.dark {
		dst = append(dst, alarm.Sign{Kind: alarm.EvidenceFew, Value: 1 - float64(c.Hearing)/float64(c.Viewers)})
	}
	return dst
}

// sourceVitals measures the sources on the stage and behind it. What is behind, or stands by, gives no alarm.
func (h *Hub) sourceVitals(ms int64) []wire.SourceVitals {
	v := &h.vitals
	out := []wire.SourceVitals{}
	v.healths = h.srv.cfg.Media.Healths(h.router(), v.healths[:0])
	st := h.room.Stage()
	heard := 0
	var list []alarm.Source
	for _, s := range st.Sources {
		i := slices.IndexFunc(v.healths, func(x sfu.Health) bool { return x.Peer == sfu.PeerID(s.ID) })
		if i < 0 || len(list) >= maxVitals {
			continue
		}
		x, held := v.healths[i], st.Held[s.ID]
		p := h.peers[x.Peer]
		src := alarm.Source{
			ID: string(s.ID), Heavy: st.Scene.Main == s.ID, HushMs: x.Hush.Milliseconds(), Page: s.Kind == classroom.Screen,
			Voice: (p != nil && p.audio || x.Voice.Codec != 0) && !held.Sound, Picture: !held.Picture,
			VoiceMs: x.Voice.Quiet.Milliseconds(), Sent: x.Sent, Missed: x.Missed, RTTMs: x.RTT.Milliseconds(),
		}
		if x.Voice.Codec == 0 && p != nil {
			src.VoiceMs = ms - p.upAt
		}
		if src.Voice && src.HushMs < silentAfter && !st.Behind[s.ID] && src.VoiceMs < silentAfter {
			heard++
		}
		for _, l := range x.Layers {
			src.Layers = append(src.Layers, alarm.Layer{Pixels: l.Width * l.Height, Bits: l.Bits, Ms: l.Quiet.Milliseconds()})
		}
		out = append(out, sourceView(x, p, held))
		list = append(list, src)
	}
	for i := range list {
		list[i].Alone = heard == 0
	}
	signs, fares := v.sources.Step(nil, ms, list)
	for i, f := range fares {
		out[i].VoiceMs = f.VoiceMs / 1000 * 1000
		out[i].Voice = cmp.Or(f.Voice, out[i].Voice)
		if out[i].Picture != "held" {
			out[i].Picture = cmp.Or(f.Picture, "none")
		}
		out[i].Loss = math.Round(f.Loss*1000) / 10
	}
	if h.room.Phase() == classroom.Live {
		for _, g := range signs {
			if id := classroom.SourceID(g.Of); !st.Behind[id] && !h.room.StandsBy(id) {
				v.signs = append(v.signs, g)
			}
		}
	}
	return out
}

// sourceView is what is told of a source as it is; how it fares is the alarm's rule to say.
func sourceView(x sfu.Health, p *peer, held classroom.Held) wire.SourceVitals {
	s := wire.SourceVitals{Source: string(x.Peer), By: "page", Voice: "none", Level: x.Level, Layers: []wire.PictureVitals{}, RTT: (x.RTT + time.Millisecond - 1).Milliseconds()}
	switch {
	case x.Far:
		s.By = "node"
	case p != nil && p.member == nil:
		s.By = "encoder"
	}
	if held.Sound {
		s.Voice = "held"
	}
	if held.Picture {
		s.Picture = "held"
	}
	for _, l := range x.Layers {
		s.Codec = l.Name()
		if l.Quiet < silentAfter*time.Millisecond {
			s.Layers = append(s.Layers, wire.PictureVitals{Lines: l.Height, Kbps: l.Bits / 1000})
		}
	}
	slices.SortFunc(s.Layers, func(a, b wire.PictureVitals) int {
		return cmp.Or(cmp.Compare(a.Lines, b.Lines), cmp.Compare(a.Kbps, b.Kbps))
	})
	return s
}

// keep notes since when a condition holds; lasts is for how many seconds it has.
func keep(at *int64, now int64, holds bool) {
	switch {
	case !holds:
		*at = 0
	case *at == 0:
		*at = now
	}
}

func lasts(at, now int64) float64 {
	if at == 0 {
		return 0
	}
	return float64(now-at) / 1000
}

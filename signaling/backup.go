package signaling

import (
	"time"

	"betang/classroom"
	"betang/signaling/wire"
)

// A source counts as silent after so many ms without media, and as back when some came in the last. A still screen sends a
// frame a second.
const (
	silentAfter = 3000
	backWithin  = 1500
)

// listen notes which sources on the stage have fallen silent and which are heard again: once a beat.
func (h *Hub) listen() {
	h.quiets = h.srv.cfg.Media.Quiets(h.router(), h.quiets[:0])
	for _, q := range h.quiets {
		p := h.peers[q.Peer]
		if p == nil || !p.stage {
			continue
		}
		was := h.room.IsSilent(classroom.SourceID(p.id))
		if !was && q.Ms >= silentAfter || was && q.Ms < backWithin {
			h.noteSilent(p, !was)
		}
	}
}

func (h *Hub) noteSilent(p *peer, silent bool) {
	cmd := classroom.NoteSilent{Source: classroom.SourceID(p.id), Silent: silent}
	h.apply(request{by: p.actor, cmd: cmd, then: func(_ int64, err error) {
		if err != nil && classroom.KindOf(err) != classroom.NotFound {
			h.log.Warn("silence not noted", "peer", string(p.id), "err", err)
		}
	}})
}

// takeOver does what the room's rule about the backup asks for.
func (h *Hub) takeOver(now time.Time) {
	on, due := h.room.TakeoverDue(now)
	by, ok := h.room.Standby()
	if !due || !ok || h.broken || h.homeless() {
		return
	}
	h.apply(request{by: by, cmd: classroom.TakeOverDue{On: on}, then: func(_ int64, err error) {
		if err != nil {
			h.log.Warn("backup not switched", "on", on, "err", err)
		} else {
			h.log.Info("backup switched by the rule", "on", on)
		}
	}})
}

func (h *Hub) takeoverView() *wire.Takeover {
	b := h.room.Backup()
	if !b.Marked {
		return nil
	}
	return &wire.Takeover{Auto: b.Auto, After: b.After, On: b.On, Ready: b.Ready}
}

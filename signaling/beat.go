package signaling

import (
	"time"

	"betang/classroom"
)

// beat is what the hub does once a second.
func (h *Hub) beat(now time.Time) {
	h.beats++
	if h.broken {
		h.reload()
	}
	if !h.broken {
		h.reconcile()
	}
	h.lookAway()
	h.gather()
	h.sweep(now)
	h.observe(now)
	h.lookOn(now)
	h.ask(now)
	h.saveOn()
	h.takeStandings()
	h.sweepPeers(now)
	h.listen()
	h.takeOver(now)
	h.settleOwed()
	h.countHalls()
	h.sendCounts()
	h.sendVitals(now)
	h.sendTallies()
	h.sendReactions()
	h.tellInk()
	h.show()
	if h.stirred {
		h.stirred = false
		h.wake()
	}
	h.closeRooms(now)
	h.farewell()
	h.unload()
}

// finish is called when the event ended: nobody's media is needed any more, and no evidence counts.
func (h *Hub) finish() {
	h.closeSpans()
	h.save()
	for _, p := range h.peers {
		h.closePeer(p)
	}
}

// farewell ends the sockets of an event that has been over for a while.
func (h *Hub) farewell() {
	if h.room.Phase() != classroom.Ended {
		h.ended = 0
		return
	}
	if h.ended++; h.ended%endedAfter != 0 {
		return
	}
	for _, m := range h.members {
		if m.conn != nil {
			m.conn.goodbye("ended", "", 0, false)
		}
	}
}

// unload stops a hub that nobody has used for long; the next who asks for it replays the journal.
func (h *Hub) unload() {
	if len(h.members) > 0 || len(h.peers) > 0 || len(h.commands) > 0 || len(h.away.far) > 0 || h.saver.busy || len(h.saver.final) > 0 || h.broken {
		h.idle = 0
		return
	}
	if h.idle++; h.idle >= idleAfter {
		h.srv.forget(h)
		h.stopOnce.Do(func() { close(h.stop) })
	}
}

package signaling

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"sync"
	"time"

	"betang/classroom/attend"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// device is one phone or laptop, and what it truly received.
type device struct {
	s         *truth
	who, name string
	rng       *rand.Rand
	media     *rand.Rand // of its lines; guarded by mu: the engine asks from goroutines of its own

	mu      sync.Mutex
	sock    *websocket.Conn
	session string
	line    *line          // its media; nil: none
	mute    bool           // nothing of its socket gets through
	hidden  bool           // the page is behind another
	silent  bool           // the tab is muted
	told    int64          // ms received that it has reported on
	by      map[*line]bool // the lines it receives by now

	received, watched, linked stretches // the truth: media came; and the page was in sight; its socket carried something
}

// stretches is when something was so, by true time.
type stretches struct {
	list  []attend.Interval
	since int64 // of the running stretch; 0: none runs
}

func (s *stretches) set(on bool) {
	now := time.Now().UnixMilli()
	switch {
	case on && s.since == 0:
		s.since = now
	case !on && s.since != 0:
		if now > s.since {
			s.list = append(s.list, attend.Interval{From: s.since, To: now})
		}
		s.since = 0
	}
}

// length is how long it was so until now, in ms.
func (s *stretches) length() int64 {
	sum := int64(0)
	for _, iv := range s.list {
		sum += iv.To - iv.From
	}
	if s.since > 0 {
		sum += time.Now().UnixMilli() - s.since
	}
	return sum
}

// truly notes the truth after anything changed. d.mu is held.
func (d *device) truly() {
	d.received.set(len(d.by) > 0)
	d.watched.set(len(d.by) > 0 && !d.hidden)
	d.linked.set(d.sock != nil && !d.mute)
}

// run lives the device's life until the lecture is over.
func (d *device) run() {
	s := d.s
	d.sleep(d.between(0, 15*time.Minute))
	for !d.ended() {
		d.join(true)
		for n := d.rng.IntN(5); n >= 0 && !d.ended(); n-- {
			d.watchFor(d.between(time.Minute, 20*time.Minute))
			if d.ended() {
				break
			}
			d.trouble()
		}
		how := []string{"leaves", "tab killed", "battery dead"}[d.rng.IntN(3)]
		s.note("%s %s", d.name, how)
		s.saw(how)
		switch how {
		case "leaves":
			d.drop(true)
		case "tab killed":
			d.drop(false)
		default: // nobody says goodbye, and the socket stays half open
			d.lose()
			d.forget()
		}
		d.sleep(d.between(time.Second, 20*time.Minute))
	}
	d.drop(false)
}

// trouble is one thing that happens to devices.
func (d *device) trouble() {
	s := d.s
	long := d.between(time.Second, 9*time.Second)
	switch d.rng.IntN(3) {
	case 1:
		long = d.between(9*time.Second, time.Minute)
	case 2:
		long = d.between(time.Minute, 12*time.Minute)
	}
	what := []string{"network lost", "asleep", "media dead", "socket dead", "reload", "hidden", "tab muted"}[d.rng.IntN(7)]
	s.saw(what)
	s.note("%s %s for %v", d.name, what, long.Round(time.Millisecond))
	switch what {
	case "network lost", "asleep":
		d.lose()
		d.sleep(long)
		if what == "network lost" && long < 9*time.Second {
			d.find() // neither side noticed
		} else {
			d.cut()
			d.join(false)
		}
	case "media dead": // UDP is blocked; the socket lives on
		d.receiving(false)
		d.watchFor(long)
		d.rejoinMedia()
	case "socket dead": // a proxy ate it; the media goes on
		if d.rng.IntN(2) == 0 {
			d.setMute(true)
		} else {
			d.cut()
		}
		d.sleep(long)
		d.cut()
		d.join(false)
	case "reload":
		d.drop(false)
		d.sleep(d.between(500*time.Millisecond, 4*time.Second))
		d.join(true)
	case "hidden": // it receives all the same, but nobody sees it
		d.show(false)
		d.watchFor(long)
		d.show(true)
	case "tab muted": // it receives and shows all the same, and plays no sound
		d.silence(true)
		d.watchFor(long)
		d.silence(false)
	}
	s.note("%s is well again", d.name)
}

func (d *device) between(least, most time.Duration) time.Duration {
	return least + time.Duration(d.rng.Int64N(int64(most-least)))
}

func (d *device) ended() bool {
	d.s.mu.Lock()
	defer d.s.mu.Unlock()
	return d.s.over
}

func (d *device) sleep(long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end) && !d.ended(); {
		time.Sleep(min(time.Second, time.Until(end)))
	}
}

// watchFor keeps watching, as a page does: it tells every 5 s what it played, and mends what breaks.
func (d *device) watchFor(long time.Duration) {
	for end := time.Now().Add(long); time.Now().Before(end) && !d.ended(); {
		time.Sleep(min(5*time.Second, max(time.Millisecond, time.Until(end))))
		d.report()
		d.mu.Lock()
		sock := d.sock
		d.mu.Unlock()
		if sock == nil {
			d.join(false)
		} else if !d.hasLine() {
			d.rejoinMedia()
		}
	}
}

// report tells what the device played since it told last, as media/evidence.ts does.
func (d *device) report() {
	d.mu.Lock()
	heard := d.received.length()
	ms, visible, silent := heard-d.told, !d.hidden, d.silent
	d.told = heard
	d.mu.Unlock()
	if ms <= 0 {
		return
	}
	p := wire.Playing{Ms: min(ms, wire.MaxPlayingMs), Frames: ms / 40, Audio: min(ms, wire.MaxPlayingMs), Visible: visible}
	if silent {
		p.Audio = 0
	}
	d.say("playing", p)
}

// show brings the page before the others, or behind; it reports first on how it was.
func (d *device) show(on bool) {
	d.report()
	d.mu.Lock()
	defer d.mu.Unlock()
	d.hidden = !on
	d.truly()
}

func (d *device) silence(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.silent = on
}

// join opens a socket, with the session it had unless it is a fresh page, and asks for media if it has none.
func (d *device) join(fresh bool) {
	if fresh {
		d.mu.Lock()
		d.session = ""
		d.mu.Unlock()
	}
	for try := 0; !d.ended(); try++ {
		if try > 0 {
			d.sleep(d.between(500*time.Millisecond, 5*time.Second))
		}
		if d.dial() == nil {
			if d.hasLine() {
				d.receiving(true)
			} else {
				d.rejoinMedia()
			}
			return
		}
	}
}

func (d *device) dial() error {
	s := d.s
	if s.isDown() {
		return errors.New("down")
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	s.mu.Lock()
	ln := s.ln
	s.mu.Unlock()
	dialer := websocket.Dialer{NetDialContext: func(ctx context.Context, _, _ string) (net.Conn, error) { return ln.dial(ctx) }}
	ws, resp, err := dialer.DialContext(ctx, "ws://betang.test/ws", nil)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	pong := ws.PingHandler()
	ws.SetPingHandler(func(data string) error {
		d.mu.Lock()
		mute := d.mute || d.sock != ws
		d.mu.Unlock()
		if mute {
			return nil
		}
		return pong(data)
	})
	d.mu.Lock()
	session := d.session
	d.mu.Unlock()
	hello, _ := wire.Encode("hello", 1, wire.Hello{V: wire.Version, Event: string(lecture), Token: d.who, Session: session, Lang: "id"})
	if err := ws.WriteMessage(websocket.TextMessage, hello); err != nil {
		_ = ws.Close()
		return err
	}
	for { // until it is welcome
		_, data, err := ws.ReadMessage()
		if err != nil {
			_ = ws.Close()
			return err
		}
		if env, err := wire.Open(data); err == nil && env.T == "welcome" {
			var w wire.Welcome
			if err := json.Unmarshal(env.D, &w); err != nil {
				return err
			}
			d.mu.Lock()
			d.sock, d.session, d.mute = ws, w.Session, false
			d.truly()
			d.mu.Unlock()
			break
		}
	}
	go func() {
		for {
			_, data, err := ws.ReadMessage()
			if env, bad := wire.Open(data); err == nil && bad == nil && (env.T == "error" || env.T == "goodbye") {
				s.note("%s is told %s", d.name, data)
			}
			if err != nil {
				_ = ws.Close()
				d.mu.Lock()
				if d.sock == ws && !d.mute {
					d.sock = nil
					d.truly()
				}
				d.mu.Unlock()
				return
			}
		}
	}()
	return nil
}

// rejoinMedia asks for media anew; the seam knows the device by its offer, and connects it.
func (d *device) rejoinMedia() {
	d.receiving(false)
	d.s.mu.Lock()
	d.s.offers++
	sdp := offer(fmt.Sprint(d.s.offers), "")
	d.s.wanted[sdp] = d
	d.s.mu.Unlock()
	d.say("watch", wire.Watch{SDP: sdp})
	time.Sleep(d.between(50*time.Millisecond, time.Second))
}

func (d *device) say(t string, body any) {
	d.mu.Lock()
	ws, mute := d.sock, d.mute
	d.mu.Unlock()
	if ws == nil || mute {
		return
	}
	data, _ := wire.Encode(t, 7, body)
	_ = ws.WriteMessage(websocket.TextMessage, data)
}

// receiving says whether media reaches the device from now on, if it is sent.
func (d *device) receiving(on bool) {
	d.mu.Lock()
	l := d.line
	d.mu.Unlock()
	if l != nil {
		l.set(on)
	}
}

// mark notes the truth: whether the device receives by this line from now on. It may for a moment receive by two.
func (d *device) mark(l *line, on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if on {
		d.by[l] = true
	} else {
		delete(d.by, l)
	}
	d.truly()
}

func (d *device) setMute(on bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mute = on
	d.truly()
}

// lose is a network that dies silently; find, that it was only for a moment.
func (d *device) lose() { d.setMute(true); d.receiving(false) }
func (d *device) find() { d.setMute(false); d.receiving(true) }

// cut ends the socket.
func (d *device) cut() {
	d.mu.Lock()
	ws := d.sock
	d.sock, d.mute = nil, false
	d.truly()
	d.mu.Unlock()
	if ws != nil {
		_ = ws.Close()
	}
}

// drop ends socket and media; a page that is left tells the server so.
func (d *device) drop(polite bool) {
	d.receiving(false)
	d.mu.Lock()
	ws := d.sock
	d.mu.Unlock()
	if ws != nil && polite {
		_ = ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseGoingAway, ""), time.Now().Add(time.Second))
	}
	d.cut()
	d.forget()
}

// forget leaves socket and media to themselves: half open, they answer nothing and end by the server's own patience.
func (d *device) forget() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sock, d.line, d.mute = nil, nil, false
	d.truly()
}

package signaling

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/netip"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"betang/classroom"
	"betang/signaling/wire"

	"github.com/gorilla/websocket"
)

// The times of a socket.
const (
	readWait  = 45 * time.Second // silence that ends a socket
	pingEvery = 5 * time.Second  // of silence, then a ping: its answer is evidence too
	writeWait = 10 * time.Second // one message
	byeWait   = time.Second      // for the client to close after goodbye
)

// buffers are shared by idle sockets: a socket holds one only while it writes.
var buffers sync.Pool

func (s *Server) upgrade(w http.ResponseWriter, r *http.Request) (*websocket.Conn, error) {
	u := websocket.Upgrader{
		HandshakeTimeout: writeWait,
		ReadBufferSize:   1 << 10,
		WriteBufferSize:  2 << 10,
		WriteBufferPool:  &buffers,
		CheckOrigin:      s.originAllowed,
	}
	return u.Upgrade(w, r, nil)
}

// conn is one websocket: a reader, which owns the Session, and a writer, which empties the outbox. The hub reaches
// it through the methods that end in a push to the outbox; none of them blocks.
type conn struct {
	srv  *Server
	ws   *websocket.Conn
	host string // as the client calls us
	addr netip.Addr

	ready   chan struct{} // has room for one: the outbox holds something
	quit    chan struct{} // closed when the reader ended
	seen    atomic.Int64  // Unix ms of the last sign of life
	in      atomic.Bool   // welcomed: from now on signs of life prolong the socket
	over    atomic.Bool   // goodbye went out: they no longer do
	leaving atomic.Bool   // it is drained: goodbye goes out at its moment

	mu  sync.Mutex // guards out and lang; never held while anything is called
	out outbox
	lng string
}

func newConn(s *Server, ws *websocket.Conn, host string, addr netip.Addr) *conn {
	return &conn{srv: s, ws: ws, host: host, addr: addr, ready: make(chan struct{}, 1), quit: make(chan struct{}), lng: "id"}
}

// serve reads until the socket ends. It returns when the writer has ended too.
func (c *conn) serve() {
	written := make(chan struct{})
	go func() {
		defer close(written)
		c.write()
	}()
	defer func() {
		close(c.quit)
		<-written
		_ = c.ws.Close()
	}()
	c.read()
}

// ---- reader ----

// reader is what the reading goroutine holds.
type reader struct {
	*conn
	session *Session
	hub     *Hub
	member  *member
	ctx     context.Context
	effects []effect
}

func (c *conn) read() {
	c.sign()
	ctx, cancel := context.WithCancel(c.srv.ctx)
	defer cancel()
	r := &reader{conn: c, session: newSession(time.Now()), ctx: ctx}
	defer r.leave()

	c.ws.SetReadLimit(wire.MaxMessage)
	c.ws.SetPongHandler(func(string) error { c.sign(); return nil })
	c.ws.SetPingHandler(func(data string) error {
		c.sign()
		err := c.ws.WriteControl(websocket.PongMessage, []byte(data), time.Now().Add(time.Second))
		if errors.Is(err, websocket.ErrCloseSent) {
			return nil
		}
		return err
	})
	if at, due := r.session.Next(); due {
		_ = c.ws.SetReadDeadline(at)
	}
	for {
		kind, data, err := c.ws.ReadMessage()
		now := time.Now()
		if err != nil {
			if at, due := r.session.Next(); due && !now.Before(at) {
				r.step(now, timeUp{})
			}
			if closedByPeer(err) {
				c.seen.Store(c.srv.steady()) // its own system told us so at this moment
			}
			return
		}
		c.sign()
		r.step(now, received{data: data, binary: kind != websocket.TextMessage})
	}
}

// sign notes a sign of life.
func (c *conn) sign() {
	c.seen.Store(c.srv.steady())
	if !c.in.Load() || c.over.Load() {
		return
	}
	_ = c.ws.SetReadDeadline(time.Now().Add(readWait))
	if c.over.Load() { // goodbye went out just now: its shorter wait holds
		_ = c.ws.SetReadDeadline(time.Now().Add(byeWait))
	}
}

// seenAt is when the other side last gave a sign of life, in steady ms.
func (c *conn) seenAt() int64 { return c.seen.Load() }

// closedByPeer tells an end that the other side made, in good or bad order, from silence and from our own closing.
func closedByPeer(err error) bool {
	_, closed := errors.AsType[*websocket.CloseError](err) // also an end of file: 1006
	return closed || errors.Is(err, io.EOF) || errors.Is(err, syscall.ECONNRESET)
}

func (r *reader) leave() {
	if r.member == nil {
		return
	}
	// The hub may have stopped; then there is nothing to detach from.
	_ = r.hub.call(context.WithoutCancel(r.ctx), func() { r.hub.detach(r.member, r.conn) })
}

// step performs what an event leads to, and what that leads to.
func (r *reader) step(now time.Time, ev sessionEvent) {
	r.effects = r.session.Step(r.effects[:0], now, ev)
	for i := 0; i < len(r.effects); i++ {
		if next := r.perform(r.effects[i]); next != nil {
			r.effects = r.session.Step(r.effects, time.Now(), next)
		}
	}
	clear(r.effects)
}

func (r *reader) perform(e effect) sessionEvent {
	switch e := e.(type) {
	case doHello:
		return r.hello(e)
	case doCommand:
		r.command(doCommand{e.id, r.fill(e.cmd)})
	case doWatch:
		_, answer, err := r.hub.watchFor(r.ctx, r.member, r.member.claims, e.sdp)
		r.result(e.id, "answered", wire.Answered{SDP: answer}, err)
	case doPublish:
		id, answer, err := r.hub.publishFor(r.ctx, r.member, r.member.claims, e.kind, e.sdp, e.behind)
		r.result(e.id, "answered", wire.Answered{SDP: answer, Source: string(id)}, err)
	case doLook:
		err := r.hub.call(r.ctx, func() { r.hub.look(r.member, e.behind) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doUnpublish:
		err := r.hub.hangup(r.ctx, r.member.actor, e.source)
		r.result(e.id, "ack", wire.Ack{}, err)
	case doPlaying:
		err := r.hub.call(r.ctx, func() { r.hub.playing(r.member, e.playing) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doHere:
		var cmd classroom.Command
		err := r.hub.try(r.ctx, func() (err error) { cmd, err = r.hub.here(r.member, e.check); return })
		if err != nil {
			r.refuse(e.id, err)
		} else {
			r.command(doCommand{e.id, cmd})
		}
	case doDraw:
		err := r.hub.try(r.ctx, func() error { return r.hub.draw(e.draw) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doPoint:
		err := r.hub.call(r.ctx, func() { r.hub.point(e.point) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doQuality:
		err := r.hub.call(r.ctx, func() { r.hub.setQuality(r.member, e.pin) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doReact:
		err := r.hub.try(r.ctx, func() error { return r.hub.react(e.kind) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doMic:
		err := r.hub.call(r.ctx, func() { r.hub.mic(r.member, e.on) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doGaze:
		err := r.hub.call(r.ctx, func() { r.hub.gaze(r.member, e.sources, e.small) })
		r.result(e.id, "ack", wire.Ack{}, err)
	case doPong:
		r.answer("pong", e.id, nil)
	case doRefuse:
		r.refuse(e.id, e.err)
	case doGoodbye:
		retry := 0
		if e.again {
			retry = r.srv.spread()
		}
		r.goodbye(e.reason, e.code, retry, false)
	}
	return nil
}

// hello checks who this is and joins the hub. The reader waits: nothing else is read before.
func (r *reader) hello(e doHello) sessionEvent {
	r.mu.Lock()
	r.lng = e.hello.Lang
	r.mu.Unlock()
	m, err := r.join(e)
	if err != nil {
		return refused{e.id, err}
	}
	if m == nil {
		return sentOn{}
	}
	r.member = m
	r.in.Store(true)
	r.sign()
	return welcomed{r.hub.kind(), m.claims.Role}
}

// join is nil without an error for a client that was sent on to another node.
func (r *reader) join(e doHello) (*member, error) {
	now := time.Now()
	claims, err := r.srv.cfg.Verify.Verify(e.hello.Token, now)
	if err != nil {
		return nil, err
	}
	event := classroom.EventID(e.hello.Event)
	switch {
	case claims.Event != event && claims.Event != AnyEvent:
		return nil, classroom.Refuse(classroom.NotAllowed, "token_event")
	case claims.Door:
		return nil, classroom.Refuse(classroom.NotAllowed, "token_door")
	case !classroom.May(claims.Role, "hello"):
		return nil, classroom.Refuse(classroom.NotAllowed, "not_allowed")
	}
	if r.hub, err = r.srv.Hub(r.ctx, event); err != nil {
		return nil, err
	}
	person, isHall := hallGuest(claims)
	if claims.Person != "" && !isHall {
		p, err := r.srv.cfg.Store.Person(r.ctx, claims.Person)
		if classroom.KindOf(err) == classroom.NotFound {
			return nil, &classroom.Error{Kind: classroom.NotAllowed, Code: "person_unknown", Err: err}
		}
		if err != nil {
			return nil, &classroom.Error{Kind: classroom.Internal, Code: "storage", Err: err}
		}
		person = &p
	}
	who := seekerOf(r.conn, claims, person)
	who.Placed = e.hello.Placed
	if g := r.srv.guide(who); len(g.Go) > 0 {
		r.sendOn(g, 1) // now
		return nil, nil
	}
	return r.hub.join(r.ctx, r.conn, claims, person, e)
}

func (r *reader) command(e doCommand) {
	c := r.conn
	ok := r.hub.submit(request{by: r.member.actor, cmd: e.cmd, then: func(rev int64, err error) {
		if err != nil {
			c.refuse(e.id, err)
		} else if e.id != 0 {
			c.answer("ack", e.id, wire.Ack{Rev: rev})
		}
	}})
	if !ok {
		r.refuse(e.id, classroom.Refuse(classroom.TooMany, "busy"))
	}
}

func (r *reader) result(id uint32, t string, body any, err error) {
	switch {
	case err != nil:
		r.refuse(id, err)
	case id != 0:
		r.answer(t, id, body)
	}
}

// ---- what goes out; safe for any goroutine ----

func (c *conn) push(f func(o *outbox)) {
	c.mu.Lock()
	f(&c.out)
	c.mu.Unlock()
	c.nudge()
}

func (c *conn) nudge() {
	select {
	case c.ready <- struct{}{}:
	default:
	}
}

// begin tells the outbox what revision the client knows.
func (c *conn) begin(rev int64) { c.push(func(o *outbox) { o.start(rev) }) }

// answer queues a message for this socket alone. A client that lets them pile up is ended.
func (c *conn) answer(t string, id uint32, body any) {
	it := item{data: encode(t, id, body)}
	full := false
	c.push(func(o *outbox) { full = !o.answer(it) })
	if full {
		c.goodbye("slow", "", c.srv.spread(), true)
	}
}

// refuse answers with an error. What its kind does not already say goes to the log, never to the client.
func (c *conn) refuse(id uint32, err error) {
	code := "internal"
	kind := classroom.KindOf(err)
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		code = e.Code
	}
	if kind == classroom.Internal {
		c.srv.log.Error("message failed", "code", code, "err", err)
	}
	c.answer("error", id, wire.Error{Kind: string(kind), Code: code, Message: wire.Say(code, c.lang())})
}

func (c *conn) lang() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.lng
}

// goodbye ends the socket after what is queued (or, with drop, instead of it). code "" is the reason's own sentence.
func (c *conn) goodbye(reason, code string, retryMs int, drop bool) {
	if code == "" {
		code = "bye_" + reason
	}
	c.bye(wire.Goodbye{Reason: reason, RetryMs: retryMs, Message: wire.Say(code, c.lang())}, drop)
}

func (c *conn) bye(g wire.Goodbye, drop bool) {
	it := item{data: encode("goodbye", 0, g)}
	c.push(func(o *outbox) { o.goodbye(it, drop) })
}

func (c *conn) state(now time.Time, from int64, it item) {
	c.push(func(o *outbox) { o.state(now, from, it) })
}

func (c *conn) replace(kind latest, it item) {
	c.push(func(o *outbox) { o.replace(kind, it) })
}

func (c *conn) catchUp(it item) { c.push(func(o *outbox) { o.catchUp(it) }) }

func (c *conn) behind() (since int64, stale, drained bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	since, drained = c.out.behind()
	return since, c.out.stale && !c.out.over, drained
}

func (c *conn) slow(now time.Time) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.slow(now, slowAfter)
}

func (c *conn) take() (it item, last, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.out.take()
}

// ---- writer ----

// write empties the outbox until the reader ends or goodbye is out. When it ends early it closes the socket, which
// ends the reader.
func (c *conn) write() {
	ping := time.NewTimer(pingEvery)
	defer ping.Stop()
	for {
		select {
		case <-c.ready:
		case <-ping.C:
			if !c.ping(ping) {
				return
			}
			continue
		case <-c.srv.ctx.Done(): // the server stops, and this socket never said hello or its hub is gone
			c.goodbye("restart", "", c.srv.spread(), true)
		case <-c.quit:
			c.last()
			return
		}
		if !c.flush() {
			return
		}
	}
}

// ping asks for a sign of life if there was none for pingEvery, and sets the timer for the next time to ask.
func (c *conn) ping(timer *time.Timer) bool {
	silent := time.Duration(c.srv.steady()-c.seenAt()) * time.Millisecond
	if silent < pingEvery {
		timer.Reset(pingEvery - silent)
		return true
	}
	timer.Reset(pingEvery)
	if !c.in.Load() {
		return true // who has not said hello is not kept alive
	}
	if err := c.ws.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWait)); err != nil {
		_ = c.ws.Close()
		return false
	}
	return true
}

// flush writes all there is. It is false when the socket has ended.
func (c *conn) flush() bool {
	for {
		it, last, ok := c.take()
		if !ok {
			return true
		}
		if err := c.put(it); err != nil {
			_ = c.ws.Close()
			return false
		}
		if last {
			c.over.Store(true)
			deadline := time.Now().Add(byeWait)
			_ = c.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), deadline)
			_ = c.ws.SetReadDeadline(deadline)
			return false
		}
	}
}

// last writes a goodbye that the reader itself decided on, hello_late for one, before the socket closes.
func (c *conn) last() {
	c.mu.Lock()
	bye := c.out.over
	c.mu.Unlock()
	if bye {
		c.flush()
	}
}

func (c *conn) put(it item) error {
	if err := c.ws.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return err
	}
	if it.prepared != nil {
		return c.ws.WritePreparedMessage(it.prepared)
	}
	return c.ws.WriteMessage(websocket.TextMessage, it.data)
}

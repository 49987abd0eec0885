package sfu

import (
	"hash/fnv"
	"math/rand/v2"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"betang/sfu/bwe"
	"betang/sfu/codec"
	"betang/sfu/layer"
	"betang/sfu/loss"
	"betang/sfu/pace"

	"github.com/pion/webrtc/v4"
)

const (
	startRate = 700_000   // bits a second a viewer is believed to take before anything is known: 360p and a voice
	leastRate = 30_000    // an Opus voice at 60 ms a packet
	mostRate  = 8_000_000 // three slots of 720p
	narrowAt  = 300_000   // from here down voices come in longer packets
	wideAt    = 450_000   // and from here up no longer
	paceAt    = 3_000_000 // faster paths take a keyframe as it comes

	paceQueue = int64(60 * time.Millisecond) // of the path: from here on pictures leave more slowly than it is believed to carry
	paceLook  = 8                            // packets that begin to wait until it is looked at how long they will
	paceLong  = 250 * time.Millisecond       // and so a shared screen does when what waits takes longer than this: else it would fill that queue

	onTheWire = 28 + headerSize + transportExt + 16 // bytes around a payload: IPv4, UDP, RTP, its extension, the GCM tag

	soonEvery  = 10 * time.Millisecond  // while something is paced or probed
	restFor    = 350 * time.Millisecond // of three of four looks at a viewer at ease nothing comes
	menuFor    = 500 * time.Millisecond // a track's options are counted anew after it
	adviceMost = 16                     // messages of feedback kept for the shard; more are dropped: the next ones tell nearly as much
)

// Quality is what a viewer wants at most.
type Quality = layer.Pin

// The qualities.
const (
	QualityAuto   = layer.Auto
	QualityMedium = layer.ToMedium
	QualityLow    = layer.ToLow
	QualitySave   = layer.Save // Mode hemat data
	QualityVoice  = layer.ToVoice
)

// Standing is where on the ladder a viewer is.
type Standing struct {
	Peer      PeerID
	Rung      string // "voice", "slides", "low", "medium", "high"
	Reason    string // see layer.Reason: "best", "network", "chosen", "saving", "source", "busy", "start"
	Kbps      int    // of what is sent, on the wire
	MBPerHour int    // the same, in 10^6 bytes an hour
	Cut       bool   // nothing is told of what is sent any more: the path is perhaps gone
}

// steering is what makes a viewer's share fit its path. It works where the viewer gives feedback that tells of its path, or wants
// less than all; else every slot gets its best layer.
type steering struct {
	pin   atomic.Uint32 // layer.Pin
	limit atomic.Int64  // bits a second the server gives this viewer; 0: as much as it can take

	adviceMu sync.Mutex
	advice   [][]byte // transport-wide feedback for the shard, at most adviceMost
	adviceN  int
	digests  func()       // digest
	remb     atomic.Int64 // bits a second; 0: none came

	toldMu sync.Mutex
	stand  Standing
	news   bool

	// Owned by the shard, but for extID, which is set before the viewer is live. First what each packet needs.
	est      *bwe.Estimator // nil until there is something to estimate from
	extID    uint8          // of the transport-wide number; 0: not negotiated
	narrow   bool
	losing   // what its losses ask for
	pacer    pace.Pacer
	audio    int64          // bits a second of the voices, which are not paced
	want     int64          // for the next step
	prove    int64          // for one that is about to be climbed
	rest     int64          // till then a viewer at ease needs no decision; see tend
	restRate int64          // what the path must carry for that
	path     netip.AddrPort // where the viewer is
	ladder   layer.Ladder
}

// menu are the options of a track, as a shard counted them.
type menu struct {
	at      int64
	layers  []*Layer
	options []layer.Option
}

// menuOf lists what can be sent of a track; screen: it is a shared one.
func (s *shard) menuOf(u *Up, screen bool) *menu {
	m := s.menus[u]
	if m == nil {
		m = &menu{at: -int64(time.Hour)}
		s.menus[u] = m
	}
	if s.now-m.at < int64(menuFor) && len(m.options) > 0 {
		return m
	}
	m.at, m.layers, m.options = s.now, u.all(), m.options[:0]
	patience := aliveFor
	if screen {
		patience = pageFor
	}
	var room [8]bool
	living := u.living(room[:0], m.layers, s.now, patience)
	some := slices.Contains(living, true)
	for i, l := range m.layers {
		if some && !living[i] {
			continue
		}
		m.options = l.offer(m.options, i)
	}
	m.options = layer.Sort(m.options)
	return m
}

// offer appends a layer's options: all its frames, and where it has temporal layers, fewer.
func (l *Layer) offer(dst []layer.Option, i int) []layer.Option {
	height := 0
	if p := l.pixels.Load(); p > 0 {
		for height*height*16/9 < int(p) { // the shape does not matter: lines as if it were 16 to 9
			height += 10
		}
	}
	full := l.tids[len(l.tids)-1].Load()
	if full == 0 { // not measured yet
		full = max(int64(l.pixels.Load())*2, 150_000)
	}
	top := len(l.tids) - 1
	for t := range top {
		if r := l.tids[t].Load(); r > 0 && r < full*95/100 && r < l.tids[t+1].Load()*95/100 {
			dst = append(dst, layer.Option{Layer: i, TID: uint8(t), Height: height, Rate: onWire(r)})
		}
	}
	return append(dst, layer.Option{Layer: i, TID: uint8(top), Height: height, Rate: onWire(full)})
}

// onWire adds what headers cost at some 1,100 bytes a packet and 15 frames a second.
func onWire(rate int64) int64 { return rate*106/100 + 15*onTheWire*8/2 }

// steers tells whether the viewer's share is limited at all.
func (v *viewer) steers() bool {
	return v.est != nil || layer.Pin(v.pin.Load()) != layer.Auto || v.limit.Load() > 0
}

// steer decides what the viewer gets, and has its slots turn to it.
func (v *viewer) steer(s *shard) {
	if b := v.remb.Load(); b > 0 && v.extID == 0 {
		v.estimator().REMB(b, s.now)
	}
	if !v.steers() {
		return
	}
	in := layer.Input{Now: s.now, Estimate: mostRate, Pin: layer.Pin(v.pin.Load()), Limit: v.limit.Load()}
	if v.est != nil {
		v.look(s)
		v.est.Tick(s.now)
		in.Estimate, in.Full, in.Starting = v.est.Rate(), v.est.Full(), v.est.Young(s.now)
		in.Proven = v.est.Proven(s.now)
		in.Trying = v.est.Trying(s.now)
		in.Wait = v.wait(s.now)
		v.narrow = in.Estimate < narrowAt || v.narrow && in.Estimate < wideAt
		v.judge(s.now)
	}
	var menus [layer.Slots]*menu
	for _, d := range v.all() {
		switch {
		case d.up == nil:
		case d.kind == webrtc.RTPCodecTypeAudio:
			in.Audio += d.voiceRate()
		case d.slot < layer.Slots:
			m := s.menuOf(d.up, d.screen)
			if len(m.options) == 0 {
				continue
			}
			menus[d.slot] = m
			in.Slots[d.slot] = layer.Slot{ID: d.turn, Role: layer.Camera, Options: m.options}
			switch {
			case d.screen:
				in.Slots[d.slot].Role = layer.Screen
			case d.slot == interpreterSlot:
				in.Slots[d.slot].Role = layer.Interpreter
			case d.slot >= stageSlots:
				in.Slots[d.slot].Role = layer.Tile
				if v.small.Load() {
					in.Slots[d.slot].Options = layer.Least(m.options)
				}
			}
		}
	}
	out := v.ladder.Step(in)
	v.want, v.prove = out.Want, out.Prove
	for _, d := range v.all() {
		if d.kind == webrtc.RTPCodecTypeVideo && d.slot < layer.Slots && d.up != nil && menus[d.slot] != nil {
			d.aim(s, menus[d.slot], out.Choice[d.slot], out.Lower)
		} else {
			d.choose(s)
		}
	}
	v.audio = in.Audio
	v.setPace(s)
	if v.want > 0 && v.est != nil || v.pacing() {
		s.hasten(v)
	}
	v.tell(out)
	v.rest, v.restRate = 0, out.Rate*5/4
	if v.est != nil && out.Want == 0 && v.atEase() {
		v.rest = s.now + int64(restFor)
	}
}

// tend steers a viewer, but seldom one who has all that he may have on a path that carries it with ease: only the path is looked at.
func (v *viewer) tend(s *shard) {
	if s.now < v.rest {
		v.look(s)
		v.est.Tick(s.now)
		if v.rest > 0 && v.atEase() {
			return
		}
	}
	v.steer(s)
}

// atEase tells whether nothing on the path calls for a decision.
func (v *viewer) atEase() bool {
	rate := v.est.Rate()
	return rate >= v.restRate && rate >= wideAt && !v.est.Full() && !v.est.Silent() && v.est.Loss() < redOne/2 && !v.pacing() && v.depth == 0
}

// look sees whether the viewer has another path, or the one it had again after a time of silence. Then it gets at once what that
// path is believed to carry, from keyframes: what was on its way is lost.
func (v *viewer) look(s *shard) {
	if p := v.out.path(); p != v.path {
		if v.path.IsValid() {
			v.est.NewPath(s.now)
			v.trip = loss.Trip{}
		}
		v.path = p
	}
	if !v.est.Renewed() {
		return
	}
	v.ladder.Anew()
	v.rest = 0
	for _, d := range v.all() {
		if d.kind == webrtc.RTPCodecTypeVideo && d.cur != nil {
			d.resync(s)
		}
	}
}

// interpreterSlot is the video slot of the interpreter; see Scene.
const interpreterSlot = 2

// voiceRate is what a voice needs, in the packets the viewer gets.
func (d *Down) voiceRate() int64 {
	list := d.up.all()
	if len(list) == 0 {
		return 0
	}
	rate := list[0].bitrate.Load()
	if rate == 0 {
		rate = 32_000
	}
	packets := int64(50)
	if d.v.narrow {
		packets = 17
	}
	if d.format.red != 0 {
		rate *= 1 + int64(d.v.depth)
	}
	return rate + packets*onTheWire*8
}

// aim points a video slot at an option, -1 for nothing.
func (d *Down) aim(s *shard, m *menu, choice int, lower bool) {
	d.steered = true
	if choice < 0 {
		d.goal, d.off = nil, true
		d.choose(s)
		return
	}
	o := m.options[choice]
	d.goal, d.off = m.layers[o.Layer], false
	d.tidMost = o.TID
	d.tid = min(d.tid, o.TID)
	if d.cur != nil && d.goal != d.cur && lower && d.goal.up == d.cur.up {
		d.mute = true // what the path does not carry is not worth sending until the keyframe is here
		d.discard()
	}
	if d.mute && d.goal == d.cur {
		d.mute = false
		if d.want == d.cur {
			d.resync(s)
		}
	}
	d.choose(s)
}

// thin tells whether a packet belongs to a temporal layer that this slot does not get. It climbs where the source says that it may.
func (d *Down) thin(in codec.Info) bool {
	if !d.steered || in.TID <= d.tid {
		return false
	}
	if in.TID <= d.tidMost && in.Start && in.Sync {
		d.tid = in.TID
		return false
	}
	return true
}

func (v *viewer) setPace(s *shard) {
	if v.est == nil {
		return
	}
	rate, audio := v.est.Rate(), v.audio
	switch {
	case s.now < v.est.Drain():
		rate = pace.Hold
	case rate >= paceAt:
		rate = 0
	case v.est.Queue() > paceQueue || v.behind() && v.reads(): // as a page's first frame on a narrow path
		rate = max(rate*9/10-audio, leastRate)
	case v.behind(): // a camera's frames go on coming: they have to catch up, or the voice waits with them
		rate = max(rate*115/100-audio, leastRate)
	case v.est.Roomy(s.now):
		rate = rate * 5 / 2 // as Chromium's own pacer
	default:
		rate = max(rate*5/4-audio/2, leastRate)
	}
	v.pacer.SetRate(rate, s.now)
}

// behind tells whether what waits takes longer than paceLong.
func (v *viewer) behind() bool {
	_, bytes := v.pacer.Waiting()
	return int64(bytes)*8*int64(time.Second/paceLong) > v.est.Rate()
}

// wait is how late pictures leave: the player, which keeps the voice with them, holds it back for as long. A page takes the time that it needs,
// and what stands in one line with it is late by that and not by the path; what a full path holds back for a moment has not had its turn.
func (v *viewer) wait(now int64) int64 {
	if now < v.est.Drain() || v.reads() {
		return 0
	}
	return v.pacer.Waited(now)
}

// reads tells whether the viewer is shown a shared screen.
func (v *viewer) reads() bool {
	return slices.ContainsFunc(v.all(), func(d *Down) bool { return d.screen })
}

// turning tells whether a page's first frame may come any moment.
func (v *viewer) turning() bool {
	for _, d := range v.all() {
		if d.screen && d.want != d.cur {
			return true
		}
	}
	return false
}

func (v *viewer) pacing() bool {
	n, _ := v.pacer.Waiting()
	return n > 0
}

// hasten has the viewer looked at every soonEvery.
func (s *shard) hasten(v *viewer) {
	if len(s.hasty) == 0 {
		s.soon.Reset(soonEvery)
	}
	s.hasty[v] = struct{}{}
}

// hurry sends what may go now, and what a probe asks for.
func (s *shard) hurry() {
	for v := range s.hasty {
		v.setPace(s) // what waits now decides it
		v.pump(s)
		if v.est != nil && !v.stopped && v.want > 0 {
			want, prove := v.want, v.prove
			if v.behind() || v.turning() { // what waits is seen to arrive or not, without padding in its way
				want, prove = 0, 0
			}
			v.pad(s, v.est.Probe(want, prove, s.now))
		}
		if v.stopped || !v.pacing() && (v.est == nil || !v.est.Probing()) {
			delete(s.hasty, v)
		}
	}
	if len(s.hasty) > 0 {
		s.soon.Reset(soonEvery)
	}
}

// pump sends what waited in the pacer.
func (v *viewer) pump(s *shard) {
	for {
		it, ok := v.pacer.Pop(s.now)
		if !ok {
			return
		}
		for _, d := range v.all() {
			if d.kind == webrtc.RTPCodecTypeVideo && d.slot == int(it.Slot) {
				d.release(s, it.Seq)
			}
		}
	}
}

// release sends a packet that has its number already.
func (d *Down) release(s *shard, seq uint16) {
	if d.mapper == nil || d.v.stopped {
		return
	}
	o, ok := d.mapper.Reverse(seq)
	if !ok || o.Padding {
		return
	}
	l, p := d.layerOf(o.Source), &s.answer
	if l == nil || !p.load(l, o.Ext) || len(p.payload) == 0 {
		s.drop(DropForgotten, 1)
		return
	}
	f, ok := l.decodable(d.formats)
	if !ok {
		return
	}
	if l.format.kind == codec.VP8 {
		codec.RewriteVP8(p.payload, o.Out.PictureID, o.Out.TL0)
	}
	h := &s.header
	h.Version, h.Marker, h.PayloadType = 2, p.meta.Marker, f.pt
	h.SequenceNumber, h.Timestamp, h.SSRC = seq, o.Out.Timestamp, d.ssrc
	d.write(s, h, o.Out.Ext, p.payload, 0)
}

// delay has a packet of video wait for its turn; false: it may go now.
func (d *Down) delay(s *shard, seq uint16, size int) bool {
	v := d.v
	if v.est == nil || d.kind != webrtc.RTPCodecTypeVideo || v.pacer.Admit(size+onTheWire, s.now) {
		return false
	}
	if !v.pacer.Push(pace.Item{Since: s.now, Slot: uint8(d.slot), Seq: seq, Size: uint16(size + onTheWire)}) {
		d.mapper.Forget(seq)
		s.drop(DropPace, 1+uint64(d.discard()))
		d.spill = true
		return true
	}
	if n, _ := v.pacer.Waiting(); n%paceLook == 1 {
		v.setPace(s) // perhaps it is a page's first frame
	}
	s.hasten(v)
	return true
}

// pad sends so many bytes of padding, on the retransmission stream of a slot that has one: it is in no decoder's way.
func (v *viewer) pad(s *shard, bytes int) {
	if bytes <= 0 {
		return
	}
	d := v.padded()
	if d == nil {
		return
	}
	pt := d.format.rtx
	for _, f := range d.formats {
		if pt == 0 {
			pt = f.rtx
		}
	}
	for n := 0; pt != 0 && bytes > 0 && n < 64; n++ {
		if v.out.sendPadding(s, d, pt, d.rtxNext-firstExt) != nil {
			return
		}
		d.rtxNext++
		bytes -= padMost + onTheWire
	}
}

// padded is the slot whose retransmission stream takes padding: one that has shown something, else one that has something to show. A
// source whose least layer is above what a viewer is believed to take shows nothing before a probe says that it may.
func (v *viewer) padded() *Down {
	var next *Down
	for _, d := range v.all() {
		switch {
		case d.rtxSSRC == 0:
		case d.mapper != nil:
			return d
		case next == nil && d.up != nil:
			next = d
		}
	}
	if next != nil {
		next.mapper = next.newMapper()
	}
	return next
}

// estimator makes the viewer's estimator when there is something to estimate from.
func (v *viewer) estimator() *bwe.Estimator {
	if v.est == nil {
		probes, climbs := v.e.dice(v.id)
		v.est = bwe.New(bwe.Config{Start: startRate, Min: leastRate, Max: mostRate, Seed: probes})
		v.ladder.Seed = climbs
	}
	return v.est
}

// dice are a viewer's own, for its probes and its climbs: others throw others, and the same viewer the same where the engine's seed is.
func (e *Engine) dice(id PeerID) (probes, climbs uint64) {
	h := fnv.New64a()
	_, _ = h.Write([]byte(id)) // it never fails
	r := rand.NewPCG(e.seed, h.Sum64())
	return r.Uint64(), r.Uint64()
}

// advise keeps a message of transport-wide feedback for the shard.
func (v *viewer) advise(fci []byte) {
	v.adviceMu.Lock()
	if v.digests == nil {
		v.digests = v.digest
	}
	n := v.adviceN
	switch {
	case n == adviceMost:
		v.adviceMu.Unlock()
		v.e.count.drop(DropNackQueue, 1)
		return
	case n == len(v.advice):
		v.advice = append(v.advice, nil)
	}
	v.advice[n] = append(v.advice[n][:0], fci...)
	v.adviceN++
	v.adviceMu.Unlock()
	if n == 0 {
		v.shard.post(v.digests)
	}
}

// digest takes the feedback in: run by the shard.
func (v *viewer) digest() {
	s := v.shard
	v.adviceMu.Lock()
	for _, fci := range v.advice[:v.adviceN] {
		if v.est == nil || v.est.Feedback(fci, s.now) != nil {
			s.drop(DropRTCP, 1)
		}
	}
	v.adviceN = 0
	v.adviceMu.Unlock()
	if v.est != nil && v.est.Full() && !v.stopped {
		v.steer(s)
	}
}

// number gives a packet its transport-wide number. One that goes out again under the same SRTP index must be the same to the last
// byte (a GCM nonce is used once), so where that may be, numbers are remembered.
func (v *viewer) number(d *Down, ssrc uint32, index uint64, size int, now int64) uint16 {
	if ssrc == d.rtxSSRC || d.repairs {
		return v.est.Send(size, now)
	}
	if d.numbers == nil {
		n := audioMemory
		if d.kind == webrtc.RTPCodecTypeVideo {
			n = videoMemory
		}
		d.numbers = make([]numbered, n)
	}
	slot := &d.numbers[index%uint64(len(d.numbers))]
	if slot.index != index+1 {
		*slot = numbered{index + 1, v.est.Send(size, now)}
	}
	return slot.seq
}

// numbered is the transport-wide number of a packet; index is its SRTP index and one.
type numbered struct {
	index uint64
	seq   uint16
}

// tell keeps where the viewer stands, for Standings.
func (v *viewer) tell(d layer.Decision) {
	v.toldMu.Lock()
	defer v.toldMu.Unlock()
	t := Standing{v.id, d.Rung.String(), d.Reason.String(), int(d.Rate / 1000), layer.MBPerHour(d.Rate), v.est != nil && v.est.Silent()}
	if t.Rung != v.stand.Rung || t.Reason != v.stand.Reason || t.Cut != v.stand.Cut || 8*abs(t.Kbps-v.stand.Kbps) > v.stand.Kbps {
		v.stand, v.news = t, true
		if v.est != nil {
			v.e.log.Debug("a viewer's share", "peer", v.id, "rung", t.Rung, "reason", t.Reason, "kbps", t.Kbps, "want", d.Want/1000,
				"estimate", v.est.Rate()/1000, "arrives", v.est.Acked()/1000, "loss", v.est.Loss(), "full", v.est.Full(), "queue", v.est.Queue()/int64(time.Millisecond))
		}
	}
}

func abs(n int) int { return max(n, -n) }

// SetQuality says what a viewer wants at most. Unknown peers are fine.
func (e *Engine) SetQuality(router RouterID, peer PeerID, q Quality) {
	p := e.find(router, peer)
	if p == nil || p.view == nil {
		return
	}
	v := p.view
	v.pin.Store(uint32(q))
	v.shard.post(v.reconsider)
}

// reconsider has the viewer steered by what it may have now: run by the shard.
func (v *viewer) reconsider() {
	if v.stopped || !v.live.Load() {
		return // who has no slots yet stands nowhere: it would be told that there is nothing to see
	}
	if !v.steers() { // back to all of everything
		for _, d := range v.all() {
			d.steered = false
			d.choose(v.shard)
		}
		v.tell(layer.Decision{Rung: layer.High})
		return
	}
	v.steer(v.shard)
}

// Standings appends where viewers stand of whom that has changed since the last call.
func (e *Engine) Standings(router RouterID, dst []Standing) []Standing {
	e.mu.Lock()
	r := e.routers[router]
	e.mu.Unlock()
	if r == nil {
		return dst
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, v := range r.viewers {
		v.toldMu.Lock()
		if v.news {
			dst, v.news = append(dst, v.stand), false
		}
		v.toldMu.Unlock()
	}
	return dst
}

// Package pace says who may send how much at now. A large keyframe to a narrow viewer would fill the queue of the viewer's
// path, and every voice packet behind it would come late or be dropped there; so its packets wait here, and voices go past
// them. It is pure: times are arguments, in ns.
package pace

const (
	second = int64(1_000_000_000)
	// burst is how much may leave at once, as time at the rate. It is also what stands before a voice in the path's queue.
	burst = 40 * second / 1000
)

// Hold is a rate at which nothing leaves.
const Hold = 1

// Item is one packet that waits.
type Item struct {
	Since int64  // it waits
	Slot  uint8  // of the viewer
	Seq   uint16 // under which it is remembered (rewrite.Mapper.Reverse)
	Size  uint16 // on the wire
}

// Pacer paces one viewer. The zero value lets everything through; see SetRate. Not for several goroutines.
type Pacer struct {
	rate  int64 // bits a second; 0: no limit
	level int64 // bits that may leave now: above 0 a packet may, whatever its size
	at    int64
	queue []Item // ring
	head  int
	n     int
	bytes int
}

// Most is how many packets wait for a viewer: a large keyframe. When it is full, Push says so and the caller drops to the end of
// the frame.
const Most = 256

// SetRate changes the rate, in bits a second; 0 means none, and what waits may leave.
func (p *Pacer) SetRate(rate, now int64) {
	p.fill(now)
	if p.rate == 0 && rate > 0 {
		p.level = p.most(rate)
	}
	p.rate = rate
	p.level = min(p.level, p.most(rate))
}

func (p *Pacer) most(rate int64) int64 { return rate * (burst / 1_000_000) / 1000 }

func (p *Pacer) fill(now int64) {
	dt := min(max(now-p.at, 0), second)
	p.at = max(p.at, now)
	p.level = min(p.level+p.rate*(dt/1000)/1_000_000, p.most(p.rate))
}

// Admit tells whether a picture's packet of so many bytes may leave at once, and counts it if so. Where something waits it may not:
// order is kept.
func (p *Pacer) Admit(size int, now int64) bool {
	if p.rate == 0 && p.n == 0 {
		return true
	}
	p.fill(now)
	if p.n > 0 || p.rate > 0 && p.level <= 0 {
		return false
	}
	p.level -= int64(size) * 8
	return true
}

// Push has a packet wait. False: no room; nothing of this packet is kept.
func (p *Pacer) Push(it Item) bool {
	if p.n == Most {
		return false
	}
	if p.n == len(p.queue) {
		grown := make([]Item, max(16, 2*len(p.queue)))
		for i := range p.n {
			grown[i] = p.queue[(p.head+i)%len(p.queue)]
		}
		p.queue, p.head = grown, 0
	}
	p.queue[(p.head+p.n)%len(p.queue)] = it
	p.n++
	p.bytes += int(it.Size)
	return true
}

// Pop gives the next packet that may leave, and counts it.
func (p *Pacer) Pop(now int64) (Item, bool) {
	if p.n == 0 {
		return Item{}, false
	}
	if p.rate > 0 {
		p.fill(now)
		if p.level <= 0 {
			return Item{}, false
		}
	}
	it := p.queue[p.head]
	p.head = (p.head + 1) % len(p.queue)
	p.n--
	p.bytes -= int(it.Size)
	p.level -= int64(it.Size) * 8
	return it, true
}

// Drop forgets what waits for a slot, because something else is to be shown there, and calls each with its numbers. It returns how
// many packets.
func (p *Pacer) Drop(slot uint8, each func(seq uint16)) int {
	kept := 0
	for i := range p.n {
		it := p.queue[(p.head+i)%len(p.queue)]
		if it.Slot == slot {
			p.bytes -= int(it.Size)
			each(it.Seq)
			continue
		}
		p.queue[(p.head+kept)%len(p.queue)] = it
		kept++
	}
	dropped := p.n - kept
	p.n = kept
	return dropped
}

// Waited is for how long the packet has waited whose turn is next; 0: none waits.
func (p *Pacer) Waited(now int64) int64 {
	if p.n == 0 {
		return 0
	}
	return now - p.queue[p.head].Since
}

// Waiting is how many packets wait, and their bytes.
func (p *Pacer) Waiting() (packets, bytes int) { return p.n, p.bytes }

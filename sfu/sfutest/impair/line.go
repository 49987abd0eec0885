package impair

import (
	"container/heap"
	"sync"
	"time"
)

// line delivers what a Shaper lets through, when it says.
type line struct {
	mu     sync.Mutex
	shape  *Shaper
	queue  parcels
	n      uint64
	lost   uint64
	passed uint64
	closed bool
	wake   chan struct{}
	done   chan struct{}
}

type parcel struct {
	at   time.Time
	n    uint64
	data []byte
	send func([]byte)
}

type parcels []parcel

func (p parcels) Len() int { return len(p) }
func (p parcels) Less(i, j int) bool {
	return p[i].at.Before(p[j].at) || p[i].at.Equal(p[j].at) && p[i].n < p[j].n
}
func (p parcels) Swap(i, j int) { p[i], p[j] = p[j], p[i] }

// Push and Pop implement heap.Interface.
func (p *parcels) Push(x any) { *p = append(*p, x.(parcel)) }

// Pop takes the last one.
func (p *parcels) Pop() any {
	old := *p
	x := old[len(old)-1]
	old[len(old)-1] = parcel{}
	*p = old[:len(old)-1]
	return x
}

func newLine(s *Shaper) *line {
	l := &line{shape: s, wake: make(chan struct{}, 1), done: make(chan struct{})}
	go l.run()
	return l
}

func (l *line) set(k Link) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.shape.Set(k)
}

// put takes a copy of data; send is called with it on arrival.
func (l *line) put(data []byte, send func([]byte)) {
	l.mu.Lock()
	at, ok := l.shape.Offer(time.Now(), len(data))
	if ok && !l.closed {
		l.passed++
		l.n++
		heap.Push(&l.queue, parcel{at: at, n: l.n, data: append([]byte(nil), data...), send: send})
	} else {
		l.lost++
	}
	l.mu.Unlock()
	l.nudge()
}

func (l *line) nudge() {
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

func (l *line) counts() (passed, lost uint64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.passed, l.lost
}

func (l *line) run() {
	defer close(l.done)
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for {
		l.mu.Lock()
		if l.closed {
			l.mu.Unlock()
			return
		}
		wait := time.Hour
		var due []parcel
		now := time.Now()
		for len(l.queue) > 0 {
			if d := l.queue[0].at.Sub(now); d > 0 {
				wait = d
				break
			}
			due = append(due, heap.Pop(&l.queue).(parcel))
		}
		l.mu.Unlock()
		for _, p := range due {
			p.send(p.data)
		}
		timer.Reset(wait)
		select {
		case <-l.wake:
		case <-timer.C:
		}
	}
}

func (l *line) close() {
	l.mu.Lock()
	l.closed = true
	l.mu.Unlock()
	l.nudge()
	<-l.done
}

package admit

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

const quarter = int64(250 * time.Millisecond)

// plant is a server that a Budget steers: what its viewers cost is its own secret.
type plant struct {
	b      *Budget
	now    int64
	cores  int
	cost   [Later]float64 // processor seconds a second
	bits   [Later]float64
	base   float64
	in     [Later]int
	late   [3][Later]int // admitted, with no media yet: a join takes some time
	turned int           // away
	rungs  int           // changes of the newcomers' rung
	was    Decision
	moved  int
}

func (p *plant) cpu() float64 { return p.base + p.sum(p.cost) }

func (p *plant) sum(of [Later]float64) float64 {
	s := 0.0
	for r, n := range p.in {
		s += of[r] * float64(n)
	}
	return s
}

func (p *plant) viewers() int {
	n := p.in[All] + p.in[Low] + p.in[Voice]
	for _, l := range p.late {
		n += l[All] + l[Low] + l[Voice]
	}
	return n
}

// quarter lets a quarter of a second pass, with so many newcomers in it.
func (p *plant) quarter(joins int) Decision {
	came := 0
	for range joins {
		if r := p.b.Admit(); r < Later {
			p.late[0][r]++
			came++
		} else {
			p.turned++
		}
	}
	for r := range p.in {
		p.in[r] += p.late[2][r]
	}
	p.late[2], p.late[1], p.late[0] = p.late[1], p.late[0], [Later]int{}
	doors := float64(came) * 1700e3 / float64(quarter)
	used := min(p.cpu()+doors, float64(p.cores)) // a processor has no more than all of its time
	in := p.in
	for _, l := range p.late {
		for r := range in {
			in[r] += l[r]
		}
	}
	p.now += quarter
	d := p.b.Step(Load{
		Now: p.now, Joins: came, CPU: int64(used * float64(quarter)), Shard: int64(used / float64(p.cores) * float64(quarter)),
		Bits: int64(p.sum(p.bits) * float64(quarter) / 1e9), In: in, Live: p.in,
	})
	for range d.Lift {
		for r := Voice; r > All; r-- {
			if p.in[r] > 0 {
				p.in[r]--
				p.in[r-1]++
				p.moved++
				break
			}
		}
	}
	for range d.Lower {
		for r := All; r < Voice; r++ {
			if p.in[r] > 0 {
				p.in[r]--
				p.in[r+1]++
				p.moved++
				break
			}
		}
	}
	if d.Rung != p.was.Rung {
		p.rungs++
	}
	p.was = d
	return d
}

func (p *plant) leave(share float64) {
	for r := range p.in {
		p.in[r] -= int(float64(p.in[r]) * share)
	}
}

func newPlant(cfg Config, cores int) *plant {
	cfg.Cores = cores
	return &plant{b: New(cfg), cores: cores, base: .02, cost: [Later]float64{400e-6, 200e-6, 100e-6}, bits: [Later]float64{1_700_000, 250_000, 50_000}}
}

func TestNewcomersGetLessBeforeAnyoneIsHurt(t *testing.T) {
	p := newPlant(Config{}, 1)
	seen := map[Rung]int{}
	for range 4 * 60 {
		d := p.quarter(25)
		if seen[d.Rung] == 0 {
			seen[d.Rung] = p.viewers()
		}
		if p.cpu() > .97 {
			t.Fatalf("%.2f of the processor with %v in, rung %v", p.cpu(), p.in, d.Rung)
		}
		if d.Lower > 0 {
			t.Fatalf("those who are in pay: %+v", d)
		}
	}
	t.Logf("rungs began at %v viewers; in the end %v in, %d turned away, %.2f of the processor", seen, p.in, p.turned, p.cpu())
	if p.in[All] < 1850 || p.in[Low] == 0 || p.in[Voice] == 0 || p.turned == 0 {
		t.Errorf("in %v, turned away %d: a rung was skipped", p.in, p.turned)
	}
	p.leave(.6)
	for range 4 * 120 {
		p.quarter(0)
	}
	if p.in[Low]+p.in[Voice] > 0 || p.was.Rung != All {
		t.Errorf("two minutes after most have left: %v in, newcomers get %v", p.in, p.was.Rung)
	}
	if p.rungs > 12 { // a minute of pressure: a rung lasts 5 s at least
		t.Errorf("the rung changed %d times", p.rungs)
	}
}

func TestEgressIsCapped(t *testing.T) {
	p := newPlant(Config{Egress: 500_000_000}, 4)
	for range 4 * 120 {
		p.quarter(10)
		if got := p.sum(p.bits); got > 500_000_000 {
			t.Fatalf("%.0f bit/s of 500 Mbit/s: %v", got, p.in)
		}
	}
	t.Logf("%v in, %d turned away, %.0f Mbit/s", p.in, p.turned, p.sum(p.bits)/1e6)
	if p.in[All] < 200 || p.in[Voice] == 0 || p.turned == 0 {
		t.Errorf("%v in, %d turned away", p.in, p.turned)
	}
}

// A full hall waits for the lecture, and then the camera starts: nobody new came, but all cost more.
func TestSuddenPictureLowersTheLast(t *testing.T) {
	p := newPlant(Config{}, 1)
	full := p.cost
	p.cost = [Later]float64{60e-6, 60e-6, 60e-6}
	for range 120 {
		p.quarter(25)
	}
	if p.in[All] < 2900 {
		t.Fatalf("voices only, and not all are in: %v", p.in)
	}
	p.cost = full
	for range 4 * 20 {
		p.quarter(0)
	}
	if p.cpu() > .97 {
		t.Errorf("20 s later %.2f of the processor is needed: %v", p.cpu(), p.in)
	}
	for range 4 * 60 {
		p.quarter(0)
	}
	moved := p.moved
	for range 4 * 60 {
		p.quarter(0)
	}
	t.Logf("%v in, %.2f of the processor; %d changes, of them %d in the last minute", p.in, p.cpu(), p.moved, p.moved-moved)
	if p.moved-moved > 100 {
		t.Errorf("still swinging: %d changes in a minute", p.moved-moved)
	}
}

func TestFewViewersAreNeverKeptFromAnything(t *testing.T) {
	p := newPlant(Config{}, 1)
	p.base = 1 // somebody else's work in this process
	for range 100 {
		if d := p.quarter(1 - min(p.viewers()/20, 1)); d.Rung != All || d.Lower > 0 {
			t.Fatalf("%v with %d viewers", d, p.viewers())
		}
	}
}

// Whatever viewers cost, and however they come and go: the processor has time left, nothing promised is more than what is there,
// and when they have gone everybody has all again.
func TestAnyCrowd(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cores := rapid.IntRange(1, 4).Draw(t, "cores")
		p := newPlant(Config{}, cores)
		p.cost[All] = rapid.Float64Range(200e-6, 1500e-6).Draw(t, "cost")
		p.cost[Low] = p.cost[All] * rapid.Float64Range(.2, .7).Draw(t, "low")
		p.cost[Voice] = p.cost[Low] * rapid.Float64Range(.2, .8).Draw(t, "voice")
		limit := float64(cores)
		for range rapid.IntRange(1, 12).Draw(t, "phases") {
			joins := rapid.IntRange(0, 40*cores).Draw(t, "joins a quarter")
			if rapid.Bool().Draw(t, "leave") {
				p.leave(rapid.Float64Range(0, 1).Draw(t, "share"))
			}
			for range rapid.IntRange(1, 80).Draw(t, "quarters") {
				was := p.in
				for _, l := range p.late {
					for r := range was {
						was[r] += l[r]
					}
				}
				d := p.quarter(joins)
				if d.Lift < 0 || d.Lower < 0 || d.Lift > 0 && d.Lower > 0 {
					t.Fatalf("%+v", d)
				}
				if d.Lift > 0 && d.Rung != All {
					t.Fatalf("some get more while newcomers get less: %+v", d)
				}
				if d.Lift > was[Low]+was[Voice]+joins {
					t.Fatalf("%d to lift of %v", d.Lift, was)
				}
				if p.cpu() > limit*1.02 {
					t.Fatalf("needs %.2f of %d processors: %v", p.cpu(), cores, p.in)
				}
			}
		}
		p.leave(.9)
		for range 4 * 300 {
			p.quarter(0)
		}
		if p.in[Low]+p.in[Voice] > 0 || p.was.Rung != All {
			t.Fatalf("five minutes after: %v in, newcomers get %v", p.in, p.was.Rung)
		}
	})
}

func TestMeasuringDoesNotAllocate(t *testing.T) {
	p := newPlant(Config{Egress: 1e9}, 2)
	if n := testing.AllocsPerRun(100, func() { p.quarter(3) }); n != 0 {
		t.Errorf("%v allocations", n)
	}
}

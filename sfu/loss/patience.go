package loss

const (
	patienceStep = 20 * ms
	patienceMost = 97 // percent
)

// Patience follows how long one must wait for what was lost to come again: a level that some 97 of 100 waits stay under. The zero value is
// ready; it is there after some twenty repairs, and what it was told long ago fades.
type Patience struct{ level int64 }

// Add takes the time that a repair took, in ns.
func (p *Patience) Add(waited int64) {
	if waited > p.level {
		p.level = min(p.level+patienceStep*patienceMost/100, waited)
	} else {
		p.level = max(p.level-patienceStep*(100-patienceMost)/100, waited)
	}
}

// Level is that time, in ns; 0: nothing was repaired.
func (p *Patience) Level() int64 { return p.level }

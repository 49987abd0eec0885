package alarm

// Region is a regency as it is now.
type Region struct {
	Code  string
	N     int // participants who are there
	Watch int // of them, those who receive the lecture
	Voice int // of these, those whose network carries a voice only, or nothing
}

const (
	fewest = 5  // people: of fewer nothing is said
	fade   = 20 // seconds in which the number that was usual falls by two thirds: who go home one by one are no outage
)

// Regions follows the regencies: an outage takes many of one at once. The zero value is ready. It is not safe for concurrent use.
type Regions struct {
	usual map[string]float64 // how many were there lately
	at    int64
}

// Step appends the signs of what is measured at now (ms).
func (r *Regions) Step(dst []Sign, now int64, list []Region) []Sign {
	if r.usual == nil {
		r.usual = map[string]float64{}
		r.at = now
	}
	keep := 1 - min(1, float64(now-r.at)/1000/fade)
	r.at = now
	here := make(map[string]int, len(list))
	for _, x := range list {
		if x.Code == "" {
			continue
		}
		here[x.Code] = x.N
		if _, known := r.usual[x.Code]; !known {
			r.usual[x.Code] = 0
		}
		if x.Watch >= fewest {
			dst = append(dst, Sign{Kind: RegionVoice, Of: x.Code, Value: float64(x.Voice) / float64(x.Watch)})
		}
	}
	for code, usual := range r.usual {
		n := float64(here[code])
		usual = max(n, n+(usual-n)*keep)
		if usual < .5 {
			delete(r.usual, code)
			continue
		}
		r.usual[code] = usual
		if usual >= fewest {
			lost := 1 - n/usual
			if usual-n < fewest { // too few to begin with, though an alarm may stay by it
				lost = min(lost, rules[RegionGone].off)
			}
			dst = append(dst, Sign{Kind: RegionGone, Of: code, Value: lost})
		}
	}
	return dst
}

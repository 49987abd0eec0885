package classroom

import "time"

// HallEntry is one mark of a hall with all the journal says about it, for whoever checks the hall.
type HallEntry struct {
	HallMarked
	By    Actor     // who took it: the person, or a PIC
	Taken time.Time // when the server had it; the mark's own time is At

	Struck   time.Time // zero: it stands
	StruckBy Actor
	Why      string // it was withdrawn
}

// HallLog lists a hall's marks in the order in which the server took them.
func HallLog(facts []Fact, id HallID) []HallEntry {
	var out []HallEntry
	index := map[string]int{}
	for _, f := range facts {
		switch b := f.Body.(type) {
		case HallMarked:
			if b.Hall == id {
				index[b.Entry] = len(out)
				out = append(out, HallEntry{HallMarked: b, By: f.By, Taken: f.At})
			}
		case HallStruck:
			if i, ok := index[b.Entry]; ok {
				out[i].Struck, out[i].StruckBy, out[i].Why = f.At, f.By, b.Reason
			}
		}
	}
	return out
}

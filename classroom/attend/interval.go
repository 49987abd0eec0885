package attend

import (
	"cmp"
	"slices"
)

// Both rule sets are made of these. They are as fixed as the rules: testdata/rule1.txt and rule2.txt hold what comes out.

// evidence is the union of the spans of the classes in set, cut to the live intervals.
func evidence(live []Interval, spans []Span, set Class) []Interval {
	return cut(Union(spans, set), live)
}

// Union is the union of the spans of the classes in set, whenever they were.
func Union(spans []Span, set Class) []Interval { return gather(nil, spans, set) }

// gather is Union in the room of dst, which must be empty.
func gather(dst []Interval, spans []Span, set Class) []Interval {
	for _, s := range spans {
		if s.Class&set != 0 && s.From < s.To {
			dst = append(dst, Interval{s.From, s.To})
		}
	}
	return union(dst)
}

// union sorts x, drops what is empty and joins what overlaps or touches. It works in place.
func union(x []Interval) []Interval {
	x = slices.DeleteFunc(x, func(i Interval) bool { return i.From >= i.To })
	slices.SortFunc(x, func(a, b Interval) int { return cmp.Compare(a.From, b.From) })
	n := 0
	for _, i := range x {
		if n > 0 && i.From <= x[n-1].To {
			x[n-1].To = max(x[n-1].To, i.To)
			continue
		}
		x[n] = i
		n++
	}
	return x[:n]
}

// cut is the part of x that lies in w. Both are unions.
func cut(x, w []Interval) []Interval { return appendCut(nil, x, w) }

// appendCut is cut, in the room of out. So are the others.
func appendCut(out, x, w []Interval) []Interval {
	for len(x) > 0 && len(w) > 0 {
		if from, to := max(x[0].From, w[0].From), min(x[0].To, w[0].To); from < to {
			out = append(out, Interval{from, to})
		}
		if x[0].To < w[0].To {
			x = x[1:]
		} else {
			w = w[1:]
		}
	}
	return out
}

// bridge closes the gaps of x up to limit ms long whose two ends lie in one interval of w. Both are unions, x inside w.
func bridge(w, x []Interval, limit int64) []Interval { return appendBridge(nil, w, x, limit) }

func appendBridge(out, w, x []Interval, limit int64) []Interval {
	k := 0
	for _, i := range x {
		for w[k].To < i.To {
			k++
		}
		if n := len(out); n > 0 && out[n-1].From >= w[k].From && i.From-out[n-1].To <= limit {
			out[n-1].To = i.To
			continue
		}
		out = append(out, i)
	}
	return out
}

// minus is the part of x that does not lie in y. Both are unions.
func minus(x, y []Interval) []Interval { return appendMinus(nil, x, y) }

func appendMinus(out, x, y []Interval) []Interval {
	for _, i := range x {
		for len(y) > 0 && y[0].To <= i.From {
			y = y[1:]
		}
		for _, hole := range y {
			if hole.From >= i.To {
				break
			}
			if hole.From > i.From {
				out = append(out, Interval{i.From, hole.From})
			}
			i.From = hole.To
			if i.From >= i.To {
				break
			}
		}
		if i.From < i.To {
			out = append(out, i)
		}
	}
	return out
}

func total(x []Interval) int64 {
	sum := int64(0)
	for _, i := range x {
		sum += i.To - i.From
	}
	return sum
}

func seconds(ms int64) int { return int(ms / 1000) }

package relay

import (
	"cmp"
	"hash/maphash"
	"slices"
	"time"

	"betang/sfu"
	"betang/sfu/bwe"
	"betang/sfu/layer"
	"betang/sfu/relay/hop"
)

// The bounds of what is believed of a link, in bits a second. It begins as a wide one: most are, and the first feedback of one
// that is not corrects it within a second.
const (
	linkStart = 20_000_000
	linkLeast = 64_000
	linkMost  = 1_000_000_000

	// around is what a packet of the relay has on the wire beside its payload: our head, DTLS, UDP and IP.
	around = 20 + 37 + 28

	voicesASecond = 50 // packets of a voice
)

// budget decides what of the neighbour's wishes its path carries: the same estimate and the same ladder as for a viewer, with a
// source where a viewer has a slot. Voices are reserved before any picture. Of a source whose best layer does not fit, the next
// lower is sent, and those above are held: the neighbour is told, and its viewers turn to what comes. Times in ns; it is pure.
type budget struct {
	est    *bwe.Estimator
	ladder layer.Ladder
	want   int64 // bits a second to probe for; 0: none
	prove  int64 // and those to be seen again; see layer.Decision
	held   map[uint32]bool
}

func newBudget(seed uint64) *budget {
	return &budget{
		est:    bwe.New(bwe.Config{Start: linkStart, Min: linkLeast, Max: linkMost, Seed: seed}),
		ladder: layer.Ladder{Seed: seed},
	}
}

// demand is what a neighbour wants of one source.
type demand struct {
	key    hop.Key
	role   layer.Role
	layers []sfu.SourceLayer // all there are
	wanted []uint32
}

// hashes tells sources apart on the ladder.
var hashes = maphash.MakeSeed()

// onWire is what a layer needs on the wire, in bits a second.
func onWire(l sfu.SourceLayer) int64 {
	switch {
	case !l.Codec.Video():
		return max(l.Rate, 24_000) + voicesASecond*around*8
	case l.Rate > 0:
		return l.Rate * (1100 + around) / 1100
	default: // not measured yet
		return max(int64(l.Pixels)*2, 150_000)
	}
}

// step decides. Call it some ten times a second. It tells whether what is held has changed.
func (b *budget) step(now int64, demands []demand) (changed bool) {
	b.est.Tick(now)
	in := layer.Input{
		Now: now, Estimate: b.est.Rate(), Proven: b.est.Proven(now), Starting: b.est.Young(now), Full: b.est.Full(), Trying: b.est.Trying(now),
	}
	n := 0
	pictures := make([][]sfu.SourceLayer, 0, layer.Slots)
	for _, d := range demands {
		var list []sfu.SourceLayer
		for _, l := range d.layers {
			switch wanted := slices.Contains(d.wanted, l.ID); {
			case l.Codec.Video():
				list = append(list, l)
			case wanted:
				in.Audio += onWire(l)
			}
		}
		if len(list) == 0 || len(d.wanted) == 0 || n == layer.Slots {
			continue
		}
		slices.SortFunc(list, smaller)
		in.Slots[n] = layer.Slot{ID: maphash.String(hashes, d.key.Router+"\x00"+d.key.Source), Role: d.role, Options: choices(list, d.wanted)}
		pictures = append(pictures, list)
		n++
	}
	out := b.ladder.Step(in)
	b.want, b.prove = out.Want, out.Prove
	held := map[uint32]bool{}
	for i, list := range pictures {
		top := -1
		if c := out.Choice[i]; c >= 0 {
			top = in.Slots[i].Options[c].Layer
		}
		for _, l := range list[top+1:] {
			held[l.ID] = true
		}
	}
	changed = len(held) != len(b.held)
	for l := range held {
		changed = changed || !b.held[l]
	}
	b.held = held
	return changed
}

// choices are the ways to send a picture: up to each layer, with those of the lower ones that are wanted too. Layers that nobody
// wants now are choices as well, so that one the path would not carry is held before somebody does.
func choices(list []sfu.SourceLayer, wanted []uint32) (out []layer.Option) {
	var below int64
	for i, l := range list {
		out = append(out, layer.Option{Layer: i, Rate: below + onWire(l), Height: lines(l.Pixels)})
		if slices.Contains(wanted, l.ID) {
			below += onWire(l)
		}
	}
	return out
}

// smaller orders layers by their pictures, or by what they cost where those are not known.
func smaller(a, b sfu.SourceLayer) int {
	if a.Pixels != b.Pixels && a.Pixels > 0 && b.Pixels > 0 {
		return cmp.Compare(a.Pixels, b.Pixels)
	}
	return cmp.Or(cmp.Compare(onWire(a), onWire(b)), cmp.Compare(a.ID, b.ID))
}

// lines is a picture's height as if it were 16 to 9; 0: not known.
func lines(pixels uint32) (h int) {
	for h*h*16/9 < int(pixels) {
		h += 10
	}
	return h
}

// carries tells whether packets of pictures may go now, or wait until the voices no longer stand in a queue behind them.
func (b *budget) carries(now int64) bool { return now >= b.est.Drain() }

// roleOf is what a source is in a scene.
func roleOf(s sfu.Scene, id sfu.PeerID) layer.Role {
	switch {
	case s.Interpreter == id:
		return layer.Interpreter
	case s.Main == id && s.Shared.Main, s.Second == id && s.Shared.Second:
		return layer.Screen
	case s.Main == id, s.Second == id:
		return layer.Camera
	default:
		return layer.Tile
	}
}

// budgetEvery is how often a link decides, and tells what came over it.
const budgetEvery = 100 * time.Millisecond

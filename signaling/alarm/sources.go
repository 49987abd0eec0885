package alarm

// Source is one source that viewers see or hear, as it is now.
type Source struct {
	ID    string
	Heavy bool // everyone looks at it
	Alone bool // no other voice of the stage is heard: one who listens with the microphone off is no fault

	Voice   bool  // its voice is to be heard: it sends one, and nobody holds it back
	VoiceMs int64 // since the last of it came
	HushMs  int64 // since it was more than digital silence; 0 where it does not tell
	Picture bool  // its picture is to be seen
	Page    bool  // it is a screen: still for long by its nature
	Layers  []Layer

	Sent, Missed uint64 // packets so far
	RTTMs        int64  // 0: not known
}

// Layer is one size of a picture.
type Layer struct {
	Pixels int // 0: not known
	Bits   int64
	Ms     int64 // since its last frame came
}

// Fare is how a source is, in a word for its voice and one for its picture.
type Fare struct {
	Voice   string  // "ok", "gone", "mute"; "": none is to be heard
	VoiceMs int64   // for how long it has been so, of gone and mute
	Picture string  // "ok", "frozen", "still", "small"; "": none is to be seen
	Loss    float64 // of what it sends, on the way here; part of 1, smoothed
}

const (
	alive      = 2500   // ms: a layer, or a voice, of which something came so lately is sent
	pageAlive  = 12_000 // of a screen, which sends nothing while nothing changes
	stillBits  = 20_000 // bits a second: less has no moving picture, not even at 180 lines
	smallShare = .6     // of the pixels it had
)

// Sources follows the sources on the stage. The zero value is ready. It is not safe for concurrent use.
type Sources struct {
	by map[string]*track
}

// track is what is kept of a source.
type track struct {
	began        bool
	sent, missed uint64
	loss         float64
	hush         int64 // since when the voice is silence, and nobody else is heard either; 0: it is not so
	still        int64
	small        int64
	layers       int // most at a time
	pixels       int // of the largest
	seen         bool
}

// Step appends the signs of what is measured at now (ms), and gives each source's fare, in the order of list.
func (s *Sources) Step(dst []Sign, now int64, list []Source) ([]Sign, []Fare) {
	if s.by == nil {
		s.by = map[string]*track{}
	}
	fares := make([]Fare, 0, len(list))
	for _, x := range list {
		t := s.by[x.ID]
		if t == nil {
			t = &track{}
			s.by[x.ID] = t
		}
		t.seen = true
		var f Fare
		dst, f = t.step(dst, now, x)
		fares = append(fares, f)
	}
	for id, t := range s.by {
		if !t.seen {
			delete(s.by, id)
		}
		t.seen = false
	}
	return dst, fares
}

func (t *track) step(dst []Sign, now int64, x Source) ([]Sign, Fare) {
	f := Fare{}
	sign := func(k Kind, v float64, heavy bool) {
		dst = append(dst, Sign{Kind: k, Of: x.ID, Value: v, Heavy: heavy})
	}
	t.path(x)
	f.Loss = t.loss
	sign(UplinkLoss, t.loss, false)
	sign(UplinkFar, float64(x.RTTMs), false)

	mute := x.Voice && x.VoiceMs < alive && x.HushMs >= alive
	since(&t.hush, now, mute && x.Heavy && x.Alone)
	if x.Voice {
		f.Voice = "ok"
		switch {
		case x.VoiceMs >= alive:
			f.Voice, f.VoiceMs = "gone", x.VoiceMs
		case mute:
			f.Voice, f.VoiceMs = "mute", x.HushMs
		}
		sign(VoiceGone, float64(x.VoiceMs)/1000, x.Heavy)
		sign(VoiceMute, seconds(t.hush, now), false)
	}

	p := x.look()
	t.layers, t.pixels = max(t.layers, p.layers), max(t.pixels, p.pixels)
	moves := x.Picture && p.layers > 0
	since(&t.still, now, moves && !x.Page && p.bits < stillBits)
	since(&t.small, now, moves && !x.Page && (p.layers < t.layers || p.pixels > 0 && float64(p.pixels) < smallShare*float64(t.pixels)))
	if x.Picture && len(x.Layers) > 0 {
		f.Picture = "ok"
		switch {
		case p.layers == 0:
			f.Picture = "frozen"
		case t.still > 0 && now-t.still >= alive:
			f.Picture = "still"
		case t.small > 0 && now-t.small >= alive:
			f.Picture = "small"
		}
		frozen := p.quiet
		if x.Page { // nothing comes of one at rest
			frozen = max(0, frozen-pageAlive)
		}
		sign(PictureFrozen, float64(frozen)/1000, x.Heavy)
		sign(PictureStill, seconds(t.still, now), false)
		sign(PictureSmall, seconds(t.small, now), false)
	}
	return dst, f
}

// path smooths what is lost on the way, over some five seconds.
func (t *track) path(x Source) {
	sent, missed := x.Sent-t.sent, x.Missed-t.missed
	again := x.Sent < t.sent || x.Missed < t.missed // it counts anew
	switch {
	case !t.began, again:
	case sent == 0:
		return
	default:
		t.loss += (min(1, float64(missed)/float64(sent)) - t.loss) / 3
	}
	t.began, t.sent, t.missed = true, x.Sent, x.Missed
}

// picture is what comes of one.
type picture struct {
	layers, pixels int // that are sent; pixels of the largest
	bits           int64
	quiet          int64 // ms since the last frame of any
}

func (x Source) look() (p picture) {
	limit := int64(alive)
	if x.Page {
		limit = pageAlive
	}
	for i, l := range x.Layers {
		if i == 0 || l.Ms < p.quiet {
			p.quiet = l.Ms
		}
		if l.Ms < limit {
			p.layers++
			p.pixels, p.bits = max(p.pixels, l.Pixels), max(p.bits, l.Bits)
		}
	}
	return p
}

// since keeps from when on a condition has held.
func since(at *int64, now int64, holds bool) {
	switch {
	case !holds:
		*at = 0
	case *at == 0:
		*at = now
	}
}

func seconds(at, now int64) float64 {
	if at == 0 {
		return 0
	}
	return float64(now-at) / 1000
}

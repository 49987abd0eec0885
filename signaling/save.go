package signaling

import (
	"context"

	"betang/classroom"
	"betang/classroom/attend"
)

// saver writes evidence to the store on a goroutine of its own, one batch at a time. While it is busy the open spans go on
// growing in the tracker, and only what becomes final waits here: no more than there is of it in memory anyway.
type saver struct {
	jobs    chan []attend.Span
	results chan saveResult
	done    chan struct{}

	// Owned by the hub's goroutine.
	final   []attend.Span // not saved yet
	spare   []attend.Span // room for the next batch
	busy    bool
	at      int          // the beat of the last batch
	waiting []chan error // Flush callers, whose evidence goes with the next batch
	riding  []chan error // those whose evidence is in the batch that is being written
}

type saveResult struct {
	spans []attend.Span
	err   error
}

func (s *saver) start(h *Hub) {
	s.jobs = make(chan []attend.Span, 1)
	s.results = make(chan saveResult, 1)
	s.done = make(chan struct{})
	go s.run(h)
}

func (s *saver) run(h *Hub) {
	defer close(s.done)
	for spans := range s.jobs {
		ctx, cancel := context.WithTimeout(h.srv.ctx, loadWait)
		err := h.srv.cfg.Store.SaveSpans(ctx, h.id, spans)
		cancel()
		s.results <- saveResult{spans, err}
	}
}

// stop lets a batch that is being written finish.
func (s *saver) stop() {
	close(s.jobs)
	<-s.done
}

// saveOn begins the next batch when it is due.
func (h *Hub) saveOn() {
	if h.beats-h.saver.at >= saveEvery {
		h.save()
	}
}

// save begins a batch of what became final and of the open spans that changed, unless one is being written.
func (h *Hub) save() {
	s := &h.saver
	if s.busy {
		return
	}
	batch := h.tracker.Flush(append(s.spare[:0], s.final...))
	s.final, s.spare = s.final[:0], nil
	s.riding, s.waiting = s.waiting, nil
	s.at, s.busy = h.beats, len(batch) > 0
	if !s.busy {
		s.release(nil)
		return
	}
	if h.vitals.unsaved == 0 {
		h.vitals.unsaved = h.now().UnixMilli()
	}
	s.jobs <- batch
}

func (s *saver) release(err error) {
	for _, w := range s.riding {
		w <- err
	}
	s.riding = nil
}

// saved takes the result of a batch. What failed goes with the next: what was final is kept for it, what was open is in the
// tracker, and final by now or longer than it was.
func (h *Hub) saved(res saveResult) {
	s := &h.saver
	s.busy, s.spare = false, res.spans
	if res.err == nil {
		h.vitals.unsaved = 0
	}
	if res.err != nil {
		h.log.Error("evidence not saved; trying again", "spans", len(res.spans), "err", res.err)
		for _, sp := range res.spans {
			if !sp.Open {
				s.final = append(s.final, sp)
			}
		}
		h.tracker.Again()
		s.release(&classroom.Error{Kind: classroom.Internal, Code: "storage", Err: res.err})
		return
	}
	s.release(nil)
	if len(s.waiting) > 0 {
		h.save()
	}
}

// Flush saves all evidence gathered so far; on return it is stored.
func (h *Hub) Flush(ctx context.Context) error {
	saved := make(chan error, 1)
	err := h.call(ctx, func() {
		h.saver.waiting = append(h.saver.waiting, saved)
		h.save()
	})
	if err != nil {
		return err
	}
	select {
	case err := <-saved:
		return err
	case <-h.done:
		return errGone
	case <-ctx.Done():
		return &classroom.Error{Kind: classroom.TooMany, Code: "busy", Err: ctx.Err()}
	}
}

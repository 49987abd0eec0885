package signaling

import (
	"context"

	"betang/classroom"
	"betang/classroom/attend"
)

// saver writes evidence to the store on a goroutine of its own, one batch at a time. What changes meanwhile waits,
// the latest state of each span once, so it is bounded by the number of open spans.
type saver struct {
	jobs    chan []attend.Span
	results chan saveResult
	done    chan struct{}

	// Owned by the hub's goroutine.
	dirty   map[spanKey]attend.Span
	busy    bool
	waiting []chan error // Flush callers
}

type saveResult struct {
	spans []attend.Span
	err   error
}

func (s *saver) start(h *Hub) {
	s.jobs = make(chan []attend.Span, 1)
	s.results = make(chan saveResult, 1)
	s.done = make(chan struct{})
	if s.dirty == nil {
		s.dirty = map[spanKey]attend.Span{}
	}
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

func (s *saver) add(sp attend.Span) {
	if s.dirty == nil {
		s.dirty = map[spanKey]attend.Span{}
	}
	s.dirty[keyOf(sp)] = sp
}

// next starts a batch if none is being written, or tells the waiting that all is saved.
func (s *saver) next() {
	if s.busy {
		return
	}
	if len(s.dirty) == 0 {
		s.release(nil)
		return
	}
	batch := make([]attend.Span, 0, len(s.dirty))
	for _, sp := range s.dirty {
		batch = append(batch, sp)
	}
	clear(s.dirty)
	s.busy = true
	s.jobs <- batch
}

func (s *saver) release(err error) {
	for _, w := range s.waiting {
		w <- err
	}
	s.waiting = nil
}

// saved takes the result of a batch. What failed waits for the next beat, unless it changed meanwhile.
func (h *Hub) saved(res saveResult) {
	s := &h.saver
	s.busy = false
	if res.err != nil {
		h.log.Error("evidence not saved; trying again", "spans", len(res.spans), "err", res.err)
		for _, sp := range res.spans {
			if _, newer := s.dirty[keyOf(sp)]; !newer {
				s.add(sp)
			}
		}
		s.release(&classroom.Error{Kind: classroom.Internal, Code: "storage", Err: res.err})
		return
	}
	if len(s.waiting) > 0 {
		s.next()
	}
}

// Flush saves all evidence gathered so far; on return it is stored.
func (h *Hub) Flush(ctx context.Context) error {
	saved := make(chan error, 1)
	err := h.call(ctx, func() {
		h.flushSpans()
		h.saver.waiting = append(h.saver.waiting, saved)
		h.saver.next()
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

package store

import (
	"context"
	"database/sql"
	"errors"
	"sync"
	"sync/atomic"

	"betang/classroom"
	"betang/classroom/journal"
	"betang/classroom/store/query"
)

const (
	queueLength = 1024 // waiting jobs; a caller beyond that waits to enter
	maxBatch    = 512  // jobs in one transaction
)

// job is a caller's wish. run may be called twice (alone again, after its batch failed) and so changes nothing but
// the database and the writer's heads, both of which a rollback takes back.
type job struct {
	run   func(ctx context.Context, w *writer) error
	state atomic.Int32 // waiting -> taken (by the writer) or given up (by the caller)
	done  chan error   // room for one; receives only after the commit
}

const (
	waiting int32 = iota
	taken
	givenUp
)

// head is the end of an event's journal.
type head struct {
	seq  int64
	hash journal.Hash
}

// writer owns the connection that writes. Its queues are bounded: a full one makes callers wait, it drops nothing.
type writer struct {
	conn *sql.Conn
	q    *query.Queries // prepared on conn; only run uses it
	// heads caches the ends of journals; only run touches it. It is emptied whenever a transaction fails.
	heads map[classroom.EventID]head

	urgent chan *job // what somebody waits for
	bulk   chan *job // evidence and imports: at most one in a transaction

	stopOnce sync.Once
	stop     chan struct{} // closed by close
	stopped  chan struct{} // closed by run, after which done channels receive nothing
}

func startWriter(ctx context.Context, db *sql.DB) (*writer, error) {
	conn, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	q, err := query.Prepare(ctx, conn)
	if err != nil {
		return nil, errors.Join(err, conn.Close())
	}
	w := &writer{
		conn: conn, q: q, heads: map[classroom.EventID]head{},
		urgent: make(chan *job, queueLength), bulk: make(chan *job, queueLength),
		stop: make(chan struct{}), stopped: make(chan struct{}),
	}
	go w.run()
	return w, nil
}

// close lets the writer finish what is in its queues, and waits for it. Only the first call does something.
func (w *writer) close() error {
	var err error
	w.stopOnce.Do(func() {
		close(w.stop)
		<-w.stopped
		err = errors.Join(w.q.Close(), w.conn.Close())
	})
	<-w.stopped
	return err
}

// do runs a job in the writer's next transaction and returns after its commit. If ctx ends before the writer took
// the job, nothing is done; after that, do waits for the outcome, so that the answer is always the truth.
func (w *writer) do(ctx context.Context, queue chan *job, run func(ctx context.Context, w *writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j := &job{run: run, done: make(chan error, 1)}
	select {
	case <-w.stop:
		return errClosed
	default:
	}
	select {
	case queue <- j:
	case <-ctx.Done():
		return ctx.Err()
	case <-w.stop:
		return errClosed
	}
	select {
	case err := <-j.done:
		return fail(err)
	case <-w.stopped:
		return w.last(j)
	case <-ctx.Done():
	}
	if j.state.CompareAndSwap(waiting, givenUp) {
		return ctx.Err()
	}
	select {
	case err := <-j.done:
		return fail(err)
	case <-w.stopped:
		return w.last(j)
	}
}

// last is the outcome of a job after the writer stopped: it may have been among the last, or have come too late.
func (w *writer) last(j *job) error {
	select {
	case err := <-j.done:
		return fail(err)
	default:
		return errClosed
	}
}

// run is the goroutine that writes. It gathers without waiting: while one batch is being flushed to disk, the next
// one queues up by itself.
func (w *writer) run() {
	defer close(w.stopped)
	var batch []*job
	for {
		batch = batch[:0]
		select {
		case j := <-w.urgent:
			batch = w.gather(append(batch, j), true)
		case j := <-w.bulk:
			batch = w.gather(append(batch, j), false)
		case <-w.stop:
			// What stands in the queues was accepted: write it. Nothing new comes, but for a caller who is just
			// entering; last tells it the truth.
			if batch = w.gather(batch, true); len(batch) == 0 {
				return
			}
		}
		w.commit(batch)
	}
}

// gather adds what waits to a batch: urgent jobs and, if wanted, one bulk job.
func (w *writer) gather(batch []*job, bulk bool) []*job {
	for len(batch) < maxBatch {
		select {
		case j := <-w.urgent:
			batch = append(batch, j)
			continue
		default:
		}
		break
	}
	if bulk {
		select {
		case j := <-w.bulk:
			batch = append(batch, j)
		default:
		}
	}
	return batch
}

// commit runs a batch as one transaction and answers. If it fails, each job has a transaction of its own.
func (w *writer) commit(batch []*job) {
	live := batch[:0]
	for _, j := range batch {
		if j.state.CompareAndSwap(waiting, taken) {
			live = append(live, j)
		}
	}
	if len(live) == 0 {
		return
	}
	err := w.transact(live)
	if err == nil || len(live) == 1 {
		for _, j := range live {
			j.done <- err
		}
		return
	}
	for i := range live {
		live[i].done <- w.transact(live[i : i+1])
	}
}

// transact runs jobs between BEGIN and COMMIT. Callers' contexts do not reach here: a transaction that began is
// finished.
func (w *writer) transact(jobs []*job) (err error) {
	ctx := context.Background()
	if _, err := w.conn.ExecContext(ctx, "BEGIN IMMEDIATE"); err != nil {
		return err
	}
	defer func() {
		if err != nil {
			clear(w.heads)
			// After a full disk SQLite may have rolled back by itself; then this fails and does no harm.
			_, _ = w.conn.ExecContext(ctx, "ROLLBACK")
		}
	}()
	for _, j := range jobs {
		if err := j.run(ctx, w); err != nil {
			return err
		}
	}
	_, err = w.conn.ExecContext(ctx, "COMMIT")
	return err
}

// write hands a job to the writer, on one of its queues.
func (s *Store) write(ctx context.Context, bulk bool, run func(ctx context.Context, w *writer) error) error {
	if s.w == nil {
		return errReadOnly
	}
	if bulk {
		return s.w.do(ctx, s.w.bulk, run)
	}
	return s.w.do(ctx, s.w.urgent, run)
}

package cluster

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
)

// homeGroup is the consumer group of batches.
const homeGroup = "home"

// Publish is Facts'.
func (r *Redis) Publish(ctx context.Context, event string, token, first int64, bodies [][]byte) (int64, error) {
	return r.publish(ctx, event, token, first, bodies, first == 1)
}

// Refill is Facts'.
func (r *Redis) Refill(ctx context.Context, event string, token, first int64, bodies [][]byte) (int64, error) {
	return r.publish(ctx, event, token, first, bodies, true)
}

func (r *Redis) publish(ctx context.Context, event string, token, first int64, bodies [][]byte, begin bool) (int64, error) {
	args := []any{token, FactsKept, keep.Milliseconds(), first, begin}
	for _, b := range bodies {
		args = append(args, b)
	}
	return verdict(publish.Run(ctx, r.c, []string{leaseKey(event), factsKey(event)}, args...).Slice())
}

// verdict reads what a fenced script says.
func verdict(got []any, err error) (int64, error) {
	if err != nil {
		return 0, err
	}
	if len(got) == 2 {
		if n, ok := got[1].(int64); ok {
			switch got[0] {
			case "ok":
				return n, nil
			case "gap":
				return n, ErrGap
			case "fork":
				return 0, ErrFork
			case "fenced":
				return 0, ErrFenced
			}
		}
	}
	return 0, fmt.Errorf("a script says %v", got)
}

// Follow is Facts'.
func (r *Redis) Follow(ctx context.Context, event string, after int64, most int, wait time.Duration) ([]Entry, error) {
	streams, err := r.c.XRead(ctx, &redis.XReadArgs{
		Streams: []string{factsKey(event), factID(after)}, Count: int64(most), Block: blocking(wait),
	}).Result()
	if errors.Is(err, redis.Nil) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Entry
	for _, s := range streams {
		for _, m := range s.Messages {
			e, err := entryOf(m)
			if err != nil {
				return nil, err
			}
			if e.Seq != after+1+int64(len(out)) {
				return nil, ErrGap
			}
			out = append(out, e)
		}
	}
	return out, nil
}

func factID(seq int64) string { return strconv.FormatInt(seq, 10) + "-0" }

func entryOf(m redis.XMessage) (e Entry, err error) {
	number, _, _ := strings.Cut(m.ID, "-")
	token, _ := m.Values["t"].(string)
	body, ok := m.Values["b"].(string)
	e.Body = []byte(body)
	var err2 error
	e.Seq, err = strconv.ParseInt(number, 10, 64)
	e.Token, err2 = strconv.ParseInt(token, 10, 64)
	if err != nil || err2 != nil || !ok {
		return e, fmt.Errorf("fact %q cannot be read", m.ID)
	}
	return e, nil
}

// blocking is a wait as Redis takes it: -1 asks not to wait, where 0 would wait for ever.
func blocking(wait time.Duration) time.Duration {
	if wait < time.Millisecond {
		return -1
	}
	return min(wait, MaxWait)
}

// Ship is Batches'.
func (r *Redis) Ship(ctx context.Context, event string, b Batch) error {
	ok, err := ship.Run(ctx, r.c, []string{batchesKey(event)}, maxBatches, keep.Milliseconds(), b.Node, b.N, b.Body).Bool()
	if err == nil && !ok {
		return ErrFull
	}
	return err
}

// Take is Batches'.
func (r *Redis) Take(ctx context.Context, event, consumer string, again time.Duration, most int, wait time.Duration) ([]Batch, error) {
	old, _, err := r.c.XAutoClaim(ctx, &redis.XAutoClaimArgs{
		Stream: batchesKey(event), Group: homeGroup, Consumer: consumer, MinIdle: again, Start: "0-0", Count: int64(most),
	}).Result()
	if noGroup(err) {
		err = r.c.XGroupCreateMkStream(ctx, batchesKey(event), homeGroup, "0").Err()
		if err != nil && !strings.HasPrefix(err.Error(), "BUSYGROUP") { // another home was as quick
			return nil, err
		}
		old, err = nil, nil
	}
	if err != nil {
		return nil, err
	}
	if len(old) > 0 {
		return batchesOf(old)
	}
	streams, err := r.c.XReadGroup(ctx, &redis.XReadGroupArgs{
		Group: homeGroup, Consumer: consumer, Streams: []string{batchesKey(event), ">"}, Count: int64(most), Block: blocking(wait),
	}).Result()
	if errors.Is(err, redis.Nil) || noGroup(err) { // the group went with Redis's data; the next call makes it
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var out []Batch
	for _, s := range streams {
		some, err := batchesOf(s.Messages)
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	return out, nil
}

func noGroup(err error) bool { return err != nil && strings.HasPrefix(err.Error(), "NOGROUP") }

func batchesOf(messages []redis.XMessage) ([]Batch, error) {
	out := make([]Batch, 0, len(messages))
	for _, m := range messages {
		node, ok := m.Values["node"].(string)
		number, _ := m.Values["n"].(string)
		body, ok2 := m.Values["b"].(string)
		n, err := strconv.ParseInt(number, 10, 64)
		if !ok || !ok2 || err != nil {
			return nil, fmt.Errorf("batch %q cannot be read", m.ID)
		}
		out = append(out, Batch{Node: node, N: n, Body: []byte(body), ID: m.ID})
	}
	return out, nil
}

// Done is Batches'.
func (r *Redis) Done(ctx context.Context, event string, token int64, ids []string, marks map[string]int64) error {
	args := []any{token, keep.Milliseconds(), homeGroup, len(ids)}
	for _, id := range ids {
		args = append(args, id)
	}
	for node, n := range marks {
		args = append(args, node, n)
	}
	_, err := verdict(done.Run(ctx, r.c, []string{leaseKey(event), batchesKey(event), marksKey(event)}, args...).Slice())
	return err
}

// Remark is Batches'.
func (r *Redis) Remark(ctx context.Context, event string, token int64, marks map[string]int64) error {
	args := []any{token, keep.Milliseconds()}
	for node, n := range marks {
		args = append(args, node, n)
	}
	_, err := verdict(remark.Run(ctx, r.c, []string{leaseKey(event), marksKey(event)}, args...).Slice())
	return err
}

// Mark is Batches'.
func (r *Redis) Mark(ctx context.Context, event, node string) (int64, error) {
	n, err := r.c.HGet(ctx, marksKey(event), node).Int64()
	if errors.Is(err, redis.Nil) {
		return 0, nil
	}
	return n, err
}

package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// roomResult is what one run of a room measured. Times are milliseconds; negative CPU figures are unknown.
type roomResult struct {
	Sockets int    `json:"sockets"` // wanted
	Joined  int    `json:"joined"`
	Errors  string `json:"errors,omitempty"` // the first
	Failed  int    `json:"failed"`           // joins, votes and returns that failed

	Join         spanMS  `json:"join"`               // POST join to the first state
	JoinCPU      float64 `json:"server_ms_per_join"` // of server CPU
	IdleMicros   float64 `json:"server_us_per_idle_socket_second"`
	RSSPerSocket float64 `json:"server_rss_per_socket"` // bytes more than before the first

	Announced  int     `json:"announced"`
	Received   int     `json:"received"`
	Broadcast  spanMS  `json:"broadcast"` // operator's send to guest's receipt, up to 100 ms of gathering included
	Turned     int     `json:"turned"`    // pages
	TurnsSeen  int     `json:"turns_seen"`
	Turn       spanMS  `json:"turn"`      // operator's send to guest's receipt
	Questions  int     `json:"questions"` // asked by a guest, let through by the operator
	Votes      int     `json:"votes"`
	Ack        spanMS  `json:"ack"`                         // vote to ack: it is on disk then
	WorkMicros float64 `json:"server_us_per_socket_second"` // while announced and voted
	ClientUse  float64 `json:"client_cores"`                // this program's own processors meanwhile

	Back      int     `json:"back"` // of all cut at once
	Tries     int     `json:"tries"`
	Return    spanMS  `json:"return"` // cut to state, the client's own pause included
	ReturnMax float64 `json:"return_max_ms"`
	ReturnCPU float64 `json:"server_ms_per_return"`
}

func (r *roomResult) note(err error) {
	r.Failed++
	if r.Errors == "" {
		r.Errors = firstLine(err)
	}
}

// timings gathers how long many did the same thing at once, and has those noted who failed.
type timings struct {
	res  *roomResult
	mu   sync.Mutex
	took []time.Duration
}

// add takes one; true: it went well.
func (t *timings) add(began time.Time, err error) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if err != nil {
		t.res.note(err)
		return false
	}
	t.took = append(t.took, time.Since(began))
	return true
}

// bench prints benchmark lines.
func (r *roomResult) bench(w io.Writer) error {
	_, err := fmt.Fprintf(w, `BenchmarkSocketJoin/sockets=%[1]d	%[2]d	%.1[3]f p50-ms	%.1[4]f p99-ms	%.2[5]f server-ms	%[6]d failed
BenchmarkSocketIdle/sockets=%[1]d	%[2]d	%.1[7]f us/socket-s	%.1[8]f KiB/socket
BenchmarkBroadcast/sockets=%[1]d	%[9]d	%.1[10]f p50-ms	%.1[11]f p99-ms	%[12]d missed	%.1[13]f us/socket-s	%.2[14]f client-cores
BenchmarkTurn/sockets=%[1]d	%[24]d	%.1[25]f p50-ms	%.1[26]f p99-ms	%[27]d missed
BenchmarkVote/sockets=%[1]d	%[15]d	%.1[16]f p50-ms	%.1[17]f p99-ms
BenchmarkReturn/sockets=%[1]d	%[18]d	%.0[19]f p50-ms	%.0[20]f p99-ms	%.0[21]f max-ms	%.2[22]f server-ms	%[23]d tries
`, r.Sockets, r.Joined, r.Join.P50, r.Join.P99, r.JoinCPU, r.Failed, r.IdleMicros, r.RSSPerSocket/1024,
		r.Received, r.Broadcast.P50, r.Broadcast.P99, r.Announced*r.Joined-r.Received, r.WorkMicros, r.ClientUse,
		r.Votes, r.Ack.P50, r.Ack.P99, r.Back, r.Return.P50, r.Return.P99, r.ReturnMax, r.ReturnCPU, r.Tries,
		r.TurnsSeen, r.Turn.P50, r.Turn.P99, r.Turned*r.Joined-r.TurnsSeen)
	if r.Errors != "" && err == nil {
		_, err = fmt.Fprintf(w, "# first of the failures: %s\n", r.Errors)
	}
	return err
}

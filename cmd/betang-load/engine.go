package main

import (
	"context"
	"encoding/json"
	"net/http"
)

// engineNumbers is what the server of "betang-load respond" says of itself, in and at the end of the measured time.
type engineNumbers struct {
	WalksPerViewer      float64 `json:"walks_per_viewer_second"` // through the kernel: what a viewer costs
	CallsPerViewer      float64 `json:"calls_per_viewer_second"`
	Goroutines          int     `json:"goroutines"`
	GoroutinesPerViewer float64 `json:"goroutines_per_viewer"`
	HeapPerViewer       float64 `json:"heap_per_viewer"` // bytes in use with stacks, garbage too
	Load                float64 `json:"load"`            // from 1 on newcomers get less
	Low                 uint64  `json:"newcomers_low"`
	Voice               uint64  `json:"newcomers_voice"`
	Away                uint64  `json:"newcomers_sent_away"`
	Lowered             uint64  `json:"viewers_lowered"`
	Resent              uint64  `json:"resent"`
	PLIsIn              uint64  `json:"keyframes_asked_for"`
	PLIsOut             uint64  `json:"keyframe_requests"`
}

// fetchStats reads the server's counters; nil where there is no such page.
func fetchStats(ctx context.Context, c *http.Client, url string) *serverStats {
	if url == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil
	}
	res, err := c.Do(req)
	if err != nil {
		return nil
	}
	defer func() { _ = res.Body.Close() }()
	var s serverStats
	if res.StatusCode != http.StatusOK || json.NewDecoder(res.Body).Decode(&s) != nil {
		return nil
	}
	return &s
}

// engine takes in what the server said before and after. Call it after derive.
func (r *result) engine(before, after *serverStats) {
	if before == nil || after == nil || r.Joined == 0 {
		return
	}
	n := float64(r.Joined)
	r.Engine = &engineNumbers{
		WalksPerViewer: float64(after.Walks-before.Walks) / r.Seconds / n, CallsPerViewer: float64(after.Calls-before.Calls) / r.Seconds / n,
		Goroutines: after.Goroutines, GoroutinesPerViewer: float64(after.Goroutines) / n,
		HeapPerViewer: float64(after.HeapInUse+after.StackInUse) / n,
		Load:          max(after.Overload.CPU, after.Overload.Egress), Low: after.Overload.Newcomers["low"], Voice: after.Overload.Newcomers["voice"],
		Away: after.Overload.Newcomers["later"], Lowered: after.Overload.Lowered,
		Resent: after.Resent - before.Resent, PLIsIn: after.PLIsIn, PLIsOut: after.PLIsOut,
	}
}

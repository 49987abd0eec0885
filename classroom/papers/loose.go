package papers

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Loose are an event's papers that have no order and must have none: answers to the evaluation, of which nobody may tell who wrote
// them, and offices' reports of their networks. They are copied as a whole, when two origins' digests of them differ, and only
// ever added to; of an office the later report counts.
type Loose struct {
	Event    string                     `json:"event"`
	Answers  map[string]json.RawMessage `json:"answers,omitempty"`  // by their random ids
	Answered []string                   `json:"answered,omitempty"` // who has, ascending
	Reports  []Report                   `json:"reports,omitempty"`  // by region and unit
}

// Report is classroom.Readiness on its way.
type Report struct {
	Region  string `json:"region"`
	Unit    string `json:"unit"`
	At      int64  `json:"at"` // Unix ms
	Verdict string `json:"verdict"`
	Socket  bool   `json:"socket,omitempty"`
	UDP     bool   `json:"udp,omitempty"`
	TCP     bool   `json:"tcp,omitempty"`
	TLS     bool   `json:"tls,omitempty"`
	Kbps    int    `json:"kbps"`
	Loss    int    `json:"loss"` // in tenths of a percent
	RTT     int    `json:"rtt"`  // ms
	Sound   bool   `json:"sound,omitempty"`
	Camera  bool   `json:"camera,omitempty"`
	Mic     bool   `json:"mic,omitempty"`
	Times   int    `json:"times"`
}

// Digest is the same for two that hold the same answers, people and reports. It does not look into the answers: what an id
// names never changes.
func (l Loose) Digest() string {
	h := sha256.New()
	for _, id := range slices.Sorted(maps.Keys(l.Answers)) {
		fmt.Fprintf(h, "a%q\n", id)
	}
	for _, who := range slices.Sorted(slices.Values(l.Answered)) {
		fmt.Fprintf(h, "w%q\n", who)
	}
	lines := make([]string, 0, len(l.Reports))
	for _, r := range l.Reports {
		lines = append(lines, fmt.Sprintf("r%q %q %d\n", r.Region, strings.ToLower(r.Unit), r.At))
	}
	for _, line := range slices.Sorted(slices.Values(lines)) {
		h.Write([]byte(line))
	}
	return hex.EncodeToString(h.Sum(nil)[:16])
}

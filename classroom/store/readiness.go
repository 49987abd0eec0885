package store

import (
	"context"
	"time"

	"betang/classroom"
	"betang/classroom/store/query"
)

// maxReadiness bounds the offices that report for one event: anybody with the address of its page may.
const maxReadiness = 3000

// SaveReadiness keeps an office's report, in place of its earlier one. NotFound event_unknown; TooMany readiness_full.
func (s *Store) SaveReadiness(ctx context.Context, event classroom.EventID, r classroom.Readiness) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		n, err := w.q.SaveReadiness(ctx, query.SaveReadinessParams{
			Event: string(event), Region: r.Region, Unit: r.Unit, At: r.At.UnixMilli(), Verdict: string(r.Verdict),
			Socket: r.Socket, Udp: r.UDP, Tcp: r.TCP, Tls: r.TLS, Kbps: int64(r.Kbps), Loss: int64(r.Loss), Rtt: int64(r.RTT),
			Sound: r.Sound, Camera: r.Camera, Mic: r.Mic, Most: maxReadiness,
		})
		switch {
		case foreignKey(err):
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		case err == nil && n == 0:
			return classroom.Refuse(classroom.TooMany, "readiness_full")
		}
		return err
	})
}

// Readiness gives the last report of each office, by region and unit.
func (s *Store) Readiness(ctx context.Context, event classroom.EventID) ([]classroom.Readiness, error) {
	rows, err := s.read.Readiness(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	out := make([]classroom.Readiness, len(rows))
	for i, r := range rows {
		out[i] = classroom.Readiness{
			At: time.UnixMilli(r.At).UTC(), Region: r.Region, Unit: r.Unit, Verdict: classroom.ReadinessVerdict(r.Verdict),
			Socket: r.Socket, UDP: r.Udp, TCP: r.Tcp, TLS: r.Tls, Kbps: int(r.Kbps), Loss: int(r.Loss), RTT: int(r.Rtt),
			Sound: r.Sound, Camera: r.Camera, Mic: r.Mic, Times: int(r.Times),
		}
	}
	return out, nil
}

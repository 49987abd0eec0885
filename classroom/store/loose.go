package store

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/papers"
	"betang/classroom/store/query"
	"betang/classroom/survey"
)

// LooseDigests tells what loose papers are here, by event: of those that ended after a moment, and are to come.
func (s *Store) LooseDigests(ctx context.Context, after time.Time) (map[string]string, error) {
	events, err := s.read.LooseEvents(ctx, after.UnixMilli())
	if err != nil {
		return nil, fail(err)
	}
	out := make(map[string]string, len(events))
	for _, event := range events {
		l := papers.Loose{Event: event, Answers: map[string]json.RawMessage{}}
		ids, err := s.read.SurveyIDs(ctx, event)
		if err == nil {
			err = s.looseRest(ctx, &l)
		}
		if err != nil {
			return nil, fail(err)
		}
		for _, id := range ids {
			l.Answers[id] = nil
		}
		out[event] = l.Digest()
	}
	return out, nil
}

// Loose are an event's loose papers.
func (s *Store) Loose(ctx context.Context, event string) (papers.Loose, error) {
	l := papers.Loose{Event: event, Answers: map[string]json.RawMessage{}}
	rows, err := s.read.SurveyRows(ctx, event)
	for _, r := range rows {
		l.Answers[r.ID] = r.Body
	}
	if err == nil {
		err = s.looseRest(ctx, &l)
	}
	return l, fail(err)
}

// looseRest reads all but the answers.
func (s *Store) looseRest(ctx context.Context, l *papers.Loose) (err error) {
	if l.Answered, err = s.read.SurveyWho(ctx, l.Event); err != nil {
		return err
	}
	rows, err := s.read.Readiness(ctx, l.Event)
	for _, r := range rows {
		l.Reports = append(l.Reports, papers.Report{
			Region: r.Region, Unit: r.Unit, At: r.At, Verdict: r.Verdict, Socket: r.Socket, UDP: r.Udp, TCP: r.Tcp, TLS: r.Tls,
			Kbps: int(r.Kbps), Loss: int(r.Loss), RTT: int(r.Rtt), Sound: r.Sound, Camera: r.Camera, Mic: r.Mic, Times: int(r.Times),
		})
	}
	return err
}

// TakeLoose adds another origin's loose papers of an event that is known here, all or nothing, and counts those that were new. One that
// cannot be is ErrPaper.
func (s *Store) TakeLoose(ctx context.Context, l papers.Loose) (fresh int, err error) {
	for id, body := range l.Answers {
		if _, err := survey.Decode(body); err != nil || id == "" {
			return 0, fmt.Errorf("%w: answer %.40q: %w", papers.ErrPaper, id, err)
		}
	}
	for _, r := range l.Reports {
		if !classroom.ReadinessVerdict(r.Verdict).Valid() {
			return 0, fmt.Errorf("%w: report with verdict %.40q", papers.ErrPaper, r.Verdict)
		}
	}
	err = s.write(ctx, true, func(ctx context.Context, w *writer) error {
		fresh = 0
		for id, body := range l.Answers {
			n, err := w.q.CopySurvey(ctx, query.CopySurveyParams{Event: l.Event, ID: id, Body: body})
			if err != nil {
				return err
			}
			fresh += int(n)
		}
		for _, who := range l.Answered {
			n, err := w.q.SurveyDone(ctx, query.SurveyDoneParams{Event: l.Event, Who: who})
			if err != nil {
				return err
			}
			fresh += int(n)
		}
		for _, r := range l.Reports {
			n, err := w.q.CopyReadiness(ctx, query.CopyReadinessParams{
				Event: l.Event, Region: r.Region, Unit: r.Unit, At: r.At, Verdict: r.Verdict, Socket: r.Socket, Udp: r.UDP, Tcp: r.TCP, Tls: r.TLS,
				Kbps: int64(r.Kbps), Loss: int64(r.Loss), Rtt: int64(r.RTT), Sound: r.Sound, Camera: r.Camera, Mic: r.Mic,
				Times: int64(r.Times), Most: maxReadiness,
			})
			if err != nil {
				return err
			}
			fresh += int(n)
		}
		return nil
	})
	return fresh, err
}

package store

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"time"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/papers"
	"betang/classroom/store/query"
)

// picSecret names the key of the hashes of PICs' codes.
const picSecret = "pics"

// SaveHallFile keeps the picture of a sheet, once. TooMany hall_files when the event has all it may.
func (s *Store) SaveHallFile(ctx context.Context, event classroom.EventID, f halls.File) error {
	return s.write(ctx, true, func(ctx context.Context, w *writer) error {
		n, err := w.q.CountHallFiles(ctx, string(event))
		if err != nil {
			return err
		}
		if n >= halls.MaxFiles {
			return classroom.Refuse(classroom.TooMany, "hall_files")
		}
		err = w.q.SaveHallFile(ctx, query.SaveHallFileParams{
			Event: string(event), Digest: f.Digest[:], Hall: f.Hall, Type: f.Type, At: f.At.UnixMilli(), By: f.By, Body: f.Body,
		})
		if foreignKey(err) {
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		}
		return err
	})
}

// HallFiles lists an event's pictures of sheets, oldest first, without their bodies.
func (s *Store) HallFiles(ctx context.Context, event classroom.EventID) ([]halls.File, error) {
	rows, err := s.read.HallFiles(ctx, string(event))
	if err != nil {
		return nil, fail(err)
	}
	files := make([]halls.File, len(rows))
	for i, r := range rows {
		files[i] = halls.File{
			Digest: [32]byte(r.Digest), Hall: r.Hall, Type: r.Type, At: time.UnixMilli(r.At).UTC(), By: r.By, Size: int(r.Size),
		}
	}
	return files, nil
}

// HallFile reads one picture; NotFound hall_file_unknown.
func (s *Store) HallFile(ctx context.Context, event classroom.EventID, digest [32]byte) (halls.File, error) {
	r, err := s.read.HallFile(ctx, query.HallFileParams{Event: string(event), Digest: digest[:]})
	if err != nil {
		return halls.File{}, missing(err, "hall_file_unknown")
	}
	return halls.File{
		Digest: [32]byte(r.Digest), Hall: r.Hall, Type: r.Type, At: time.UnixMilli(r.At).UTC(), By: r.By, Size: len(r.Body), Body: r.Body,
	}, nil
}

// SavePIC keeps somebody who looks after halls, and the code that lets them in. Conflict code_taken.
func (s *Store) SavePIC(ctx context.Context, event classroom.EventID, p halls.PIC, code string) error {
	if plainCode(code) == "" {
		return classroom.Refuse(classroom.Invalid, "code_invalid")
	}
	key, err := s.Secret(ctx, picSecret, sha256.Size)
	if err != nil {
		return err
	}
	hash := codeHash(key, event, plainCode(code))
	v := papers.Version{Kind: papers.OfPIC, Event: string(event), Key: p.ID, At: time.Now().UnixMilli()}
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		err := w.q.SavePIC(ctx, query.SavePICParams{Event: string(event), ID: p.ID, Name: p.Name, Slice: p.Slice, Hash: hash})
		switch {
		case unique(err):
			return classroom.Refuse(classroom.Conflict, "code_taken")
		case foreignKey(err):
			return classroom.Refuse(classroom.NotFound, "event_unknown")
		case err != nil:
			return err
		}
		return w.change(ctx, v, event, "", papers.PIC{Name: p.Name, Slice: p.Slice, Hash: hex.EncodeToString(hash)})
	})
}

// PICByCode finds who looks after halls by their code; NotFound code_unknown.
func (s *Store) PICByCode(ctx context.Context, event classroom.EventID, code string) (p halls.PIC, err error) {
	err = s.eachHash(ctx, picSecret, event, code, func(hash []byte) error {
		r, err := s.read.PICByCode(ctx, query.PICByCodeParams{Event: string(event), Hash: hash})
		p = halls.PIC{ID: r.ID, Name: r.Name, Slice: r.Slice}
		return err
	})
	return p, err
}

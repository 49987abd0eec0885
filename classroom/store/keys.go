package store

import (
	"bytes"
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
	"betang/classroom/store/query"
)

// codeSecret names the key of the hashes of personal codes.
const codeSecret = "codes"

// Secret gives the secret of that name: n random bytes made at the first call and kept ever since (n is then not
// looked at). On a store that is open for reading, one that was never made is NotFound secret_unknown.
func (s *Store) Secret(ctx context.Context, name string, n int) ([]byte, error) {
	value, err := s.read.Secret(ctx, name)
	if err == nil {
		return value, nil
	}
	if !errors.Is(err, sql.ErrNoRows) || s.w == nil {
		return nil, missing(err, "secret_unknown")
	}
	fresh := make([]byte, n)
	_, _ = rand.Read(fresh) // it never fails: see crypto/rand
	err = s.write(ctx, false, func(ctx context.Context, w *writer) (err error) {
		if err = w.q.MakeSecret(ctx, query.MakeSecretParams{Name: name, Value: fresh}); err == nil {
			value, err = w.q.Secret(ctx, name) // another caller's, if that one was first
		}
		return err
	})
	return value, err
}

// AdoptSecret puts another node's secret in place of the one of that name, which EarlierSecrets still gives.
func (s *Store) AdoptSecret(ctx context.Context, name string, value []byte) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		had, err := w.q.Secret(ctx, name)
		if err != nil && !errors.Is(err, sql.ErrNoRows) || bytes.Equal(had, value) {
			return err
		}
		if err == nil {
			if err := w.q.MakeSecret(ctx, query.MakeSecretParams{Name: earlier(name, had), Value: had}); err != nil {
				return err
			}
		}
		return w.q.AdoptSecret(ctx, query.AdoptSecretParams{Name: name, Value: value})
	})
}

// Remember keeps a value under a name, in place of an earlier one. It is no part of any event.
func (s *Store) Remember(ctx context.Context, name string, value []byte) error {
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return w.q.Remember(ctx, query.RememberParams{Name: name, Value: value})
	})
}

// Recall gives what Remember kept; NotFound remembered_unknown.
func (s *Store) Recall(ctx context.Context, name string) ([]byte, error) {
	value, err := s.read.Recall(ctx, name)
	return value, missing(err, "remembered_unknown")
}

// earlier names a secret that another node's took the place of.
func earlier(name string, value []byte) string {
	sum := sha256.Sum256(value)
	return name + "@" + hex.EncodeToString(sum[:8])
}

// EarlierSecrets are those that others took the place of: what was made by them is still good.
func (s *Store) EarlierSecrets(ctx context.Context, name string) ([][]byte, error) {
	list, err := s.read.SecretsLike(ctx, name+"@*")
	return list, fail(err)
}

// Revoke marks the token with this id as no longer valid, for good.
func (s *Store) Revoke(ctx context.Context, jti string) error {
	now := time.Now().UnixMilli()
	return s.write(ctx, false, func(ctx context.Context, w *writer) error {
		return w.q.Revoke(ctx, query.RevokeParams{Jti: jti, At: now})
	})
}

// Revoked lists the ids of all revoked tokens, oldest revocation first.
func (s *Store) Revoked(ctx context.Context) ([]string, error) {
	ids, err := s.read.Revoked(ctx)
	return ids, fail(err)
}

// SaveCode gives a person a personal code for an event, in place of an earlier one. Case, spaces and dashes do not
// count in codes, nor the difference of O and 0, or of I, L and 1. Conflict code_taken: somebody else has it.
func (s *Store) SaveCode(ctx context.Context, event classroom.EventID, code string, person classroom.PersonID) error {
	return s.SaveCodes(ctx, event, []roster.PersonalCode{{Person: person, Code: code}})
}

// PersonByCode finds the person to a personal code for an event; NotFound code_unknown.
func (s *Store) PersonByCode(ctx context.Context, event classroom.EventID, code string) (p classroom.Person, err error) {
	err = s.eachHash(ctx, codeSecret, event, code, func(hash []byte) error {
		row, err := s.read.PersonByCode(ctx, query.PersonByCodeParams{Event: string(event), Hash: hash})
		p = person(row.Person, row.Nip)
		return err
	})
	return p, err
}

// eachHash looks a code up by the hash of it under the present key and each earlier one; NotFound code_unknown.
func (s *Store) eachHash(ctx context.Context, secret string, event classroom.EventID, code string, look func(hash []byte) error) error {
	key, err := s.read.Secret(ctx, secret)
	if err != nil {
		return missing(err, "code_unknown") // no code was ever given out
	}
	err = look(codeHash(key, event, plainCode(code)))
	if errors.Is(err, sql.ErrNoRows) {
		old, failed := s.EarlierSecrets(ctx, secret)
		if failed != nil {
			return failed
		}
		for _, key := range old {
			if err = look(codeHash(key, event, plainCode(code))); !errors.Is(err, sql.ErrNoRows) {
				break
			}
		}
	}
	if err != nil {
		return missing(err, "code_unknown")
	}
	return nil
}

// plainCode is a code as it is hashed. The folding of look-alikes is that of Crockford's base 32.
func plainCode(code string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case ' ', '-', '\u00a0', '\t':
			return -1
		case 'O':
			return '0'
		case 'I', 'L':
			return '1'
		}
		return r
	}, strings.ToUpper(code))
}

func codeHash(key []byte, event classroom.EventID, code string) []byte {
	mac := hmac.New(sha256.New, key)
	mac.Write([]byte("betang code 1\x00" + string(event) + "\x00" + code))
	return mac.Sum(nil)
}

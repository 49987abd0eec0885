package roster

import (
	"context"
	"crypto/sha256"
	"slices"
	"strings"

	"betang/classroom"
)

// Import is the record of one list that was taken in.
type Import struct {
	Event                           classroom.EventID // "": of no event
	Digest                          [sha256.Size]byte // of the file
	By                              string            // who: a token's id, or the command line
	People, Added, Changed, Refused int
}

// Unit is a part of an event's list: the people of one unit.
type Unit struct {
	Name          string
	People, Coded int // of them, how many have a personal code
}

// Invited is somebody on an event's list.
type Invited struct {
	Person classroom.Person
	Coded  bool // has a personal code for the event
}

// PersonalCode is the code somebody gets for an event: 8 characters as printed, "K7QM-2F9D".
type PersonalCode struct {
	Person classroom.PersonID
	Code   string
}

// codeAlphabet is Crockford's base 32: no I, L, O and U, so that a printed code is read one way only.
const codeAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// NewCode makes a code of 40 random bits, which read gives (crypto/rand.Read).
func NewCode(read func([]byte)) string {
	var b [8]byte
	read(b[:])
	out := make([]byte, 0, 9)
	for i, c := range b {
		if i == 4 {
			out = append(out, '-')
		}
		out = append(out, codeAlphabet[c&31])
	}
	return string(out)
}

// IsCode tells whether s is a code as printed.
func IsCode(s string) bool {
	if len(s) != 9 || s[4] != '-' {
		return false
	}
	for i := range len(s) {
		if i != 4 && strings.IndexByte(codeAlphabet, s[i]) < 0 {
			return false
		}
	}
	return true
}

// CodeKeeper keeps codes by hash; classroom/store is one. Conflict code_taken if one of them is somebody else's.
type CodeKeeper interface {
	SaveCodes(ctx context.Context, event classroom.EventID, codes []PersonalCode) error
}

// GiveCodes makes and keeps a code for everyone, in the order of people. This is the only time they are readable:
// what is kept is a hash. A person's earlier code for the event is void from then on.
func GiveCodes(ctx context.Context, to CodeKeeper, event classroom.EventID, people []classroom.PersonID, read func([]byte)) ([]PersonalCode, error) {
	out := make([]PersonalCode, 0, len(people))
	for part := range slices.Chunk(people, portion) {
		const tries = 5 // 100,000 codes of 2^40 meet once in 200 such lists
		for n := 1; ; n++ {
			codes := make([]PersonalCode, len(part))
			for i, p := range part {
				codes[i] = PersonalCode{p, NewCode(read)}
			}
			err := to.SaveCodes(ctx, event, codes)
			if err == nil {
				out = append(out, codes...)
				break
			}
			if n == tries || classroom.KindOf(err) != classroom.Conflict {
				return nil, err
			}
		}
	}
	return out, nil
}

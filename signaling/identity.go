package signaling

import (
	"time"

	"betang/classroom"
)

// AnyEvent in Claims.Event stands for every event.
const AnyEvent classroom.EventID = "*"

// Claims are what a valid token says.
type Claims struct {
	ID      string // jti: what a revocation names, and the owner of what its holder puts on the stage
	Event   classroom.EventID
	Role    classroom.Role
	Person  classroom.PersonID // "" unless the token stands for one known person
	Name    string             // shown on the stage for those who stand on it
	Door    bool               // a public join link: its holder must still show who they are
	Method  string             // how a participant showed who they are: nip, code, link
	Expires time.Time
	Parent  string // ID of the personal or guest link a session came from: the session is revoked with it

	Hall   classroom.HallID // of a Ruang Bersama's screen, and of what a phone holds that read its code
	Device string           // the random name that a participant's browser gave itself
	Slice  string           // a PIC's own people: a unit, an instansi or a regency's code; "" for all on the event's list
}

// Verifier checks a token's signature, time and revocation. Its errors are *classroom.Error with codes
// token_invalid, token_expired or token_revoked.
type Verifier interface {
	Verify(token string, now time.Time) (Claims, error)
}

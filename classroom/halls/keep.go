package halls

import "time"

// File is a picture of a signed sheet. It is kept whole, and named by its SHA-256.
type File struct {
	Digest [32]byte
	Hall   string
	Type   string // media type, told by its first bytes
	At     time.Time
	By     string // id of the PIC's link
	Size   int
	Body   []byte // not in lists
}

// Bounds of pictures.
const (
	MaxFile  = 6 << 20 // bytes: an A4 page from a phone's camera, made smaller by the page first
	MaxFiles = 400     // of an event
)

// PIC is somebody who looks after halls of an event: by a link, or by a code that gives the same.
type PIC struct {
	ID    string // of the link's token
	Name  string
	Slice string // whose people: a unit, an instansi or a regency's code; "" for all on the event's list
}

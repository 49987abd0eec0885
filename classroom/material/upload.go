package material

import "time"

// Upload is a deck on its way in. Its parts come in any order, and again after a cut.
type Upload struct {
	Token string // names it, and its pictures for ever
	By    string // the link that uploads it
	Title string
	Pages int
	Bytes int      // of the file that is kept besides the pictures; 0: none is
	File  [32]byte // SHA-256 of that file; without one, of the chosen pictures: what tells that an upload is the same one
	At    time.Time
}

// Part names a picture of a page, or a piece of the file.
type Part struct {
	Page  int  `json:"page"`            // from 1
	Large bool `json:"large,omitempty"` // for big screens; else for phones, and for the strip of thumbnails
}

// Missing is what an upload lacks.
type Missing struct {
	Pictures []Part `json:"pictures,omitempty"`
	Pieces   []int  `json:"pieces,omitempty"` // from 0
}

// None tells that it is whole.
func (m Missing) None() bool { return len(m.Pictures) == 0 && len(m.Pieces) == 0 }

// Lacks is what an upload lacks of which so much is there.
func (u Upload) Lacks(pictures map[Part]bool, pieces map[int]bool) Missing {
	var m Missing
	for page := 1; page <= u.Pages; page++ {
		for _, large := range []bool{true, false} {
			if p := (Part{page, large}); !pictures[p] {
				m.Pictures = append(m.Pictures, p)
			}
		}
	}
	for n := range Pieces(u.Bytes) {
		if !pieces[n] {
			m.Pieces = append(m.Pieces, n)
		}
	}
	return m
}

// Piece is how many bytes piece n has; 0 if there is none.
func (u Upload) Piece(n int) int {
	if n < 0 || n >= Pieces(u.Bytes) {
		return 0
	}
	return min(MaxPiece, u.Bytes-n*MaxPiece)
}

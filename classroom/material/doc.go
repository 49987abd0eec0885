// Package material holds the rules of what is shown as pages of pictures instead of video: what a page may be, as bytes
// that a browser sent and nobody trusts (Inspect), how much an event may keep, and what is drawn on a page (Board). It is pure.
package material

// The bounds of an event's material.
const (
	MaxDecks    = 20        // in one event
	MaxPages    = 300       // of a deck
	MaxTitle    = 120       // characters
	MaxPage     = 1_500_000 // bytes of one picture
	MaxSide     = 4096      // pixels
	MaxPixels   = 8 << 20   // of one picture
	MaxPiece    = 1 << 20   // bytes; a file as it was uploaded is kept in pieces of this, the last one shorter
	MaxOriginal = 50 << 20  // bytes of such a file
	MaxEvent    = 1 << 30   // bytes of all material of an event
)

// Pieces is how many pieces a file of so many bytes has.
func Pieces(bytes int) int { return (bytes + MaxPiece - 1) / MaxPiece }

package wire

// MaxPoint is the right or lower end of a page in the numbers of Draw and Point.
const MaxPoint = 4095

// ---- client to server ----

// ShowPage puts a page before everyone; deck "" closes what is open.
type ShowPage struct {
	Deck string `json:"deck"`
	Page int    `json:"page"` // from 1
}

// ShareDeck lets everyone download a deck's file, or no longer.
type ShareDeck struct {
	Deck string `json:"deck"`
	On   bool   `json:"on"`
}

// Draw changes what is drawn on a page: a stroke more, the last one back, all away.
type Draw struct {
	Deck   string `json:"deck"`
	Page   int    `json:"page"`
	Do     string `json:"do" ts:"'stroke' | 'undo' | 'clear'"`
	Color  string `json:"color" ts:"'' | 'red' | 'blue' | 'green' | 'yellow'"`
	Wide   bool   `json:"wide"`   // a marker's
	Points string `json:"points"` // x and y by turns, from 0 to 4095 of the page's width and height, two digits of 64 (A-Z a-z 0-9 - _) each
}

// Point shows the presenter's pointer on the open page, or takes it away.
type Point struct {
	On bool `json:"on"`
	X  int  `json:"x"` // 0 to 4095, as in Draw
	Y  int  `json:"y"`
}

// ---- server to client ----

// Deck is one file of pages, as pictures. A page's picture is at /m/{token}/{page}/l for big screens, and at
// /m/{token}/{page}/s for phones: it never changes and may be kept for ever.
type Deck struct {
	ID     string `json:"id"`
	Token  string `json:"token"`
	Title  string `json:"title"`
	Pages  int    `json:"pages"`
	Bytes  int    `json:"bytes"`  // of its file; 0: there is none
	Shared bool   `json:"shared"` // everyone may download the file, at /m/{token}/file
	By     string `json:"by"`     // who uploaded it, told to who may present
}

// Page is the page that is open.
type Page struct {
	Deck string `json:"deck"` // "": none
	Page int    `json:"page"`
}

// Ink is all that is drawn on the open page. It replaces the one before.
type Ink struct {
	Deck    string   `json:"deck"`
	Page    int      `json:"page"`
	Strokes []Stroke `json:"strokes"`
}

// Stroke is one line; see Draw.
type Stroke struct {
	Color  string `json:"color" ts:"'red' | 'blue' | 'green' | 'yellow'"`
	Wide   bool   `json:"wide"`
	Points string `json:"points"`
}

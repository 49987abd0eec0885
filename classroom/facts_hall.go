package classroom

// The facts of Ruang Bersama. A mark's time is its own (At): phones keep marks while they have no signal. The fact's
// time is when the server took it in, and its actor who took it: the person, or a PIC with the name on their link.
type (
	// HallOpened says: a hall takes people in; it may have been closed before.
	HallOpened struct {
		Hall  HallID `json:"hall"`
		Entry string `json:"entry"`
		Name  string `json:"name"`
		Place string `json:"place"`
	}
	// HallClosed says: its screen's code opens nothing any more.
	HallClosed struct {
		Hall HallID `json:"hall"`
	}
	// HallMarked says: the person was in the hall at that moment, or (Out) went.
	HallMarked struct {
		Entry  string   `json:"entry"` // made by the device that took it: it counts once
		Hall   HallID   `json:"hall"`
		Person PersonID `json:"person"`
		Out    bool     `json:"out"`
		Level  string   `json:"level"` // "B", "C" or "D"
		At     int64    `json:"at"`    // Unix ms
		How    string   `json:"how"`   // "qr", "code" (typed from the screen), "list", "card", "paper"
		Device string   `json:"device,omitempty"`
		Reason string   `json:"reason,omitempty"`
		File   string   `json:"file,omitempty"` // SHA-256 of the sheet's picture, hexadecimal
	}
	// HallStruck says: a mark was withdrawn.
	HallStruck struct {
		Entry  string `json:"entry"`
		Reason string `json:"reason"`
	}
)

// FactKind names the body in the journal.
func (HallOpened) FactKind() string { return "hall.opened" }

// FactKind names the body in the journal.
func (HallClosed) FactKind() string { return "hall.closed" }

// FactKind names the body in the journal.
func (HallMarked) FactKind() string { return "hall.marked" }

// FactKind names the body in the journal.
func (HallStruck) FactKind() string { return "hall.struck" }

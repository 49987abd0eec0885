package classroom

// The bodies of facts of a class and its breakout rooms. As in facts.go: fields are only added.
type (
	// ClassSet says: whether everyone may share a screen, and whether only a trainer gives the word.
	ClassSet struct {
		Share bool `json:"share"`
		Lock  bool `json:"lock"`
	}
	// ShareGranted says: this person may share a screen, or no longer.
	ShareGranted struct {
		Seat SeatID `json:"seat"`
		On   bool   `json:"on"`
	}
	// Quieted says: this microphone goes to nobody; with "" those of all participants.
	Quieted struct {
		Source SourceID `json:"source,omitempty"`
	}
	// CalledOn says: the microphone of this source may be turned on again.
	CalledOn struct {
		Source SourceID `json:"source"`
	}
	// Spoke says: its owner turned it on.
	Spoke struct {
		Source SourceID `json:"source"`
	}
	// RoomsMade says: there are so many rooms, and those before are gone.
	RoomsMade struct {
		Count int    `json:"count"`
		Way   string `json:"way"`
	}
	// RoomPut says: this person, or a guest's session, belongs to the room.
	RoomPut struct {
		Room    RoomID    `json:"room"`
		Person  PersonID  `json:"person,omitempty"`
		Session SessionID `json:"session,omitempty"`
	}
	// RoomsOpened says: the rooms are open, until then (Unix ms; 0: until they are closed).
	RoomsOpened struct {
		Until int64 `json:"until,omitempty"`
	}
	// RoomsClosed says: everyone is back in the class.
	RoomsClosed struct{}
	// RoomEntered says: the actor went to the room.
	RoomEntered struct {
		Room RoomID `json:"room"`
	}
	// HelpCalled says: the actor calls a trainer to their room, or no longer.
	HelpCalled struct {
		On bool `json:"on"`
	}
)

// FactKind names the body in the journal.
func (ClassSet) FactKind() string { return "class.set" }

// FactKind names the body in the journal.
func (ShareGranted) FactKind() string { return "class.granted" }

// FactKind names the body in the journal.
func (Quieted) FactKind() string { return "class.quieted" }

// FactKind names the body in the journal.
func (CalledOn) FactKind() string { return "class.called" }

// FactKind names the body in the journal.
func (Spoke) FactKind() string { return "class.spoke" }

// FactKind names the body in the journal.
func (RoomsMade) FactKind() string { return "rooms.made" }

// FactKind names the body in the journal.
func (RoomPut) FactKind() string { return "rooms.put" }

// FactKind names the body in the journal.
func (RoomsOpened) FactKind() string { return "rooms.opened" }

// FactKind names the body in the journal.
func (RoomsClosed) FactKind() string { return "rooms.closed" }

// FactKind names the body in the journal.
func (RoomEntered) FactKind() string { return "rooms.entered" }

// FactKind names the body in the journal.
func (HelpCalled) FactKind() string { return "rooms.help" }

package classroom

// The bodies of facts of material. As in facts.go: fields are only added.
type (
	// DeckAdded says: a deck is uploaded and can be opened. The digests say what was in it, also when it is long dropped.
	DeckAdded struct {
		Deck Deck `json:"deck"`
	}
	// DeckDropped says: a deck is gone, and its bytes with it.
	DeckDropped struct {
		Deck DeckID `json:"deck"`
	}
	// DeckShared says: everyone may download a deck's file, or no longer.
	DeckShared struct {
		Deck DeckID `json:"deck"`
		On   bool   `json:"on"`
	}
	// PageShown says: this page is before everyone. Deck "": none is.
	PageShown struct {
		Deck DeckID `json:"deck,omitempty"`
		Page int    `json:"page,omitempty"`
	}
)

// FactKind names the body in the journal.
func (DeckAdded) FactKind() string { return "deck.added" }

// FactKind names the body in the journal.
func (DeckDropped) FactKind() string { return "deck.dropped" }

// FactKind names the body in the journal.
func (DeckShared) FactKind() string { return "deck.shared" }

// FactKind names the body in the journal.
func (PageShown) FactKind() string { return "page.shown" }

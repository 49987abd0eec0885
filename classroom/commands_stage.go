package classroom

// HandID names one raised hand within its event: "h" and a running number.
type HandID string

// BanID names one ban within its event: "b" and a running number.
type BanID string

// The commands of hands, of what is held back, and of who must stay out.
type (
	// RaiseHand asks to speak: the person, or a guest's session, stands at the end of the queue.
	RaiseHand struct{}
	// LowerHand takes a hand out of the queue, whatever became of it; who stands on the stage by it leaves with all
	// sources. Hand "" is one's own: withdraw, decline, step down.
	LowerHand struct{ Hand HandID }
	// Invite asks a raised hand to the stage: it may now publish a camera.
	Invite struct{ Hand HandID }
	// HoldSource decides what of a source goes to nobody: its sound, its picture. It holds whatever the publisher's
	// device does, and over its reconnects.
	HoldSource struct {
		Source SourceID
		Held   Held
	}
	// Place brings a source on the stage, or behind it.
	Place struct {
		Source SourceID
		Behind bool
	}
	// SetGate decides whether who comes goes straight on the stage, or waits behind it for an operator.
	SetGate struct{ Closed bool }
	// Ban keeps somebody out of the event for good: whoever raised the hand, put up the source or asked the question
	// that Target names.
	Ban struct{ Target, Reason string }
	// Unban takes a ban back.
	Unban struct{ Ban BanID }
)

func (RaiseHand) commandName() string  { return "hand" }
func (LowerHand) commandName() string  { return "lower" }
func (Invite) commandName() string     { return "invite" }
func (HoldSource) commandName() string { return "hold" }
func (Place) commandName() string      { return "place" }
func (SetGate) commandName() string    { return "gate" }
func (Ban) commandName() string        { return "ban" }
func (Unban) commandName() string      { return "unban" }

package classroom

import (
	"time"

	"betang/classroom/attend"
)

// EventID names one scheduled happening; a slug of [a-z0-9-], 1 to 64 characters. It stands in links.
type EventID string

// PersonID is the internal id of somebody the roster or an invitation knows. It is never a NIP.
type PersonID string

// SessionID names one device's run in an event: a websocket with its media, or one WHIP or WHEP session.
type SessionID string

// SourceID names one stream on the stage: one publisher's camera or one shared screen.
type SourceID string

// QuestionID names one question within its event: "q" and a running number.
type QuestionID string

// EventKind is what sort of happening an event is.
type EventKind string

// The kinds of event.
const (
	Lecture EventKind = "lecture" // kuliah umum
	Class   EventKind = "class"   // sesi pelatihan
	Forum   EventKind = "forum"   // forum evaluasi
)

// Phase is where an event stands in its life.
type Phase string

// The phases. Only live time counts towards attendance.
const (
	Scheduled Phase = "scheduled"
	Live      Phase = "live"
	Paused    Phase = "paused" // "Jeda siaran"
	Ended     Phase = "ended"
)

// Role is what somebody may do in one event; policy.go holds the table.
type Role string

// The roles of DOMAIN section 5 that exist so far.
const (
	RoleOperator    Role = "operator"
	RoleModerator   Role = "moderator"
	RoleMC          Role = "mc"      // pewara
	RoleVIP         Role = "vip"     // pejabat: the stage by one link, no account and no NIP
	RoleMinutes     Role = "minutes" // notulen
	RoleSpeaker     Role = "speaker"
	RoleInterpreter Role = "interpreter"
	RoleParticipant Role = "participant"
	RoleGuest       Role = "guest"
	RolePlayer      Role = "player" // a WHEP player: watches, is nobody
	RoleBPSDM       Role = "bpsdm"  // the training agency: attendance and exports of every event
	RolePIC         Role = "pic"    // looks after a Ruang Bersama: opens it, marks people, enters the paper sheet
	RoleHall        Role = "hall"   // the screen of a Ruang Bersama: watches, shows the code, is nobody
)

// Actor is who does something: a person or an unnamed holder of a link, in a role, on one device.
type Actor struct {
	Person  PersonID // "" for guests, players and invited speakers without a roster entry
	Role    Role
	Session SessionID
	Name    string // shown on the stage for those who stand on it; never a NIP
	Link    string // token id of the link it came by: what it owns on the stage carries the same in Source.Owner; may be ""
}

// Event is one scheduled happening as BPSDM planned it. Times are UTC.
type Event struct {
	ID       EventID
	Kind     EventKind
	Title    string
	Speaker  string // as printed: name and office
	Host     string // penyelenggara
	Place    string
	StartsAt time.Time
	EndsAt   time.Time
	Policy   attend.Policy
}

// SourceKind is what a stream on the stage shows.
type SourceKind string

// The kinds of source.
const (
	Camera      SourceKind = "camera" // camera and microphone
	Screen      SourceKind = "screen" // a shared screen, maybe with its sound
	Interpreter SourceKind = "interpreter"
)

// Source is one stream on the stage.
type Source struct {
	ID    SourceID   `json:"id"`
	Kind  SourceKind `json:"kind"`
	Owner string     `json:"owner"` // groups one publisher's camera and screen: the link (token id) that published it
	Label string     `json:"label"` // shown under the picture
}

// Scene says which source fills which slot of every viewer, and how the page lays them out. "" leaves a slot empty.
type Scene struct {
	Main        SourceID `json:"main"`
	Second      SourceID `json:"second"`
	Interpreter SourceID `json:"interpreter"`
	Layout      Layout   `json:"layout,omitempty"`
}

// Layout is how a viewer's page lays the pictures out, unless the viewer chose otherwise.
type Layout string

// The layouts.
const (
	LayoutLarge Layout = ""     // main large, the others small
	LayoutSide  Layout = "side" // main and second side by side
	LayoutSign  Layout = "sign" // the interpreter as large as main
)

// Fact is an accepted, appended, never edited thing that happened in an event.
// Seq counts from 1 without holes within the event and is the revision clients resume from.
type Fact struct {
	Seq  int64
	At   time.Time // UTC, milliseconds
	By   Actor
	Body FactBody
}

// FactBody is one of the types in facts.go.
type FactBody interface{ FactKind() string }

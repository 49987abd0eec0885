package wire

//go:generate go run betang/cmd/wiregen -out ../../static/web/src/wire.gen.ts

// Version of the protocol; hello names it, and a server that does not speak it says goodbye.
const Version = 1

// Limits of what a client may send. A message over MaxMessage closes the socket (RFC 6455, 1009).
const (
	MaxMessage  = 64 << 10 // bytes; an SDP offer with three simulcast layers is about 12 KiB
	MaxSDP      = 48 << 10
	MaxQuestion = 300 // characters (Unicode code points)
	MaxReason   = 200
	MaxAnswer   = 1000
	MaxToken    = 2048
	MaxID       = 64
	// MaxPlayingMs bounds what one Playing can claim.
	MaxPlayingMs = 15_000
)

// ---- client to server ----

// Hello opens a socket; it must be the first message and come within 10 s.
type Hello struct {
	V       int    `json:"v"`
	Event   string `json:"event"`
	Token   string `json:"token"`                 // a session token from POST /api/events/{event}/join, or a staff link's token
	Rev     int64  `json:"rev"`                   // last revision seen; 0: none
	Session string `json:"session"`               // from an earlier welcome: continue that session; "": a new one
	Lang    string `json:"lang" ts:"'id' | 'en'"` // "id" or "en": the language of sentences
	Placed  bool   `json:"placed,omitempty"`      // another server sent the client here, or did not answer
}

// Ask puts a question before the moderators.
type Ask struct {
	Text string `json:"text"`
}

// Support gives (on) or takes back the one vote a person has on a question.
type Support struct {
	Question string `json:"question"`
	On       bool   `json:"on"`
}

// Approve shows a question to everyone.
type Approve struct {
	Question string `json:"question"`
}

// Merge folds a duplicate into another question.
type Merge struct {
	Question string `json:"question"`
	Into     string `json:"into"`
}

// Reject dismisses a question with a reason that its asker reads.
type Reject struct {
	Question string `json:"question"`
	Reason   string `json:"reason"`
}

// Show puts an approved question on the stage; "" takes it down.
type Show struct {
	Question string `json:"question"`
}

// Answer closes a question: live (text "") or in writing.
type Answer struct {
	Question string `json:"question"`
	Text     string `json:"text"`
}

// SetPhase moves the event on: "live", "paused" or "ended".
type SetPhase struct {
	To string `json:"to" ts:"'live' | 'paused' | 'ended'"`
}

// SetScene fixes which source fills which slot; auto gives the choice back to the room.
type SetScene struct {
	Main        string `json:"main"`
	Second      string `json:"second"`
	Interpreter string `json:"interpreter"`
	Auto        bool   `json:"auto"`
	Layout      string `json:"layout" ts:"'' | 'side' | 'sign'"` // "": main large; side by side; the interpreter as large
	// Seen is the scene that the page shows: its main, second and interpreter, with commas between. When another stands
	// there meanwhile, the message is refused. "": whatever stands.
	Seen string `json:"seen"`
}

// Watch asks for the viewer's media: an SDP offer with recvonly m-lines in the order of the slots (3 audio, then
// video main, second, interpreter; fewer are fine). Sent again with the same session it renegotiates (ICE restart).
type Watch struct {
	SDP string `json:"sdp"`
}

// Publish asks to put a stream on the stage.
type Publish struct {
	Kind string `json:"kind" ts:"'camera' | 'screen' | 'interpreter'"` // "camera", "screen" or "interpreter"
	SDP  string `json:"sdp"`
	// Behind: it waits behind the stage, whatever the gate says.
	Behind bool `json:"behind"`
}

// Unpublish takes one's own stream off the stage (or, for an operator, anyone's).
type Unpublish struct {
	Source string `json:"source"`
}

// Playing reports what the device decoded since the last report: evidence class "decoded".
// A page sends it every 5 s, and at once when it becomes hidden or is left.
type Playing struct {
	Ms      int64 `json:"ms"`      // how long since the last report media was decoded and played; at most 15,000
	Frames  int64 `json:"frames"`  // video frames decoded in that time
	Audio   int64 `json:"audio"`   // ms of audio played in that time
	Visible bool  `json:"visible"` // whether the page was visible during that time (before it became hidden)
}

// Here answers a "Masih menyimak?": the check that Mine shows.
type Here struct {
	Check int `json:"check"`
}

// ---- server to client ----

// Welcome answers hello.
type Welcome struct {
	V       int    `json:"v"`
	Session string `json:"session"`
	Boot    string `json:"boot"` // names this run of the server
	You     You    `json:"you"`
	Now     int64  `json:"now"` // server clock, Unix ms: the client shows WIB from it, never from its own clock
	// ICE are the ways to take when media comes through neither by UDP nor by ICE-TCP; absent: there are none.
	ICE []ICEServer `json:"ice,omitempty"`
	// Nodes are the addresses of other servers of the same event, best first, for when this one does not answer; absent:
	// there are none.
	Nodes []string `json:"nodes,omitempty"`
}

// You is what the server knows of the one who joined. NIP is masked.
type You struct {
	Role   string   `json:"role"`
	Name   string   `json:"name"`
	NIP    string   `json:"nip"` // masked, "" for who has none
	Unit   string   `json:"unit"`
	Region string   `json:"region"`
	Tag    string   `json:"tag,omitempty"` // names this session in deeds; for the desk
	May    []string `json:"may"`           // what the policy table lets this role do: names of the client's messages
}

// State carries what changed since the client's revision; with Full it replaces everything the client knows.
// Absent parts did not change.
type State struct {
	Rev       int64         `json:"rev"`
	Full      bool          `json:"full"`
	Event     *Event        `json:"event,omitempty"`
	Stage     *Stage        `json:"stage,omitempty"`
	Questions []Question    `json:"questions,omitempty"`
	Desk      *DeskState    `json:"desk,omitempty"` // for the desk alone
	Polls     []Poll        `json:"polls,omitempty"`
	Agenda    *Agenda       `json:"agenda,omitempty"`
	Notice    *Notice       `json:"notice,omitempty"`
	Talk      *Talk         `json:"talk,omitempty"`
	Chat      []ChatLine    `json:"chat,omitempty"`
	Decks     *[]Deck       `json:"decks,omitempty"` // all of them
	Page      *Page         `json:"page,omitempty"`
	Captions  []CaptionLine `json:"captions,omitempty"`
	Notes     []Note        `json:"notes,omitempty"` // for the minute-taker and the desk
	Deeds     []Deed        `json:"deeds,omitempty"` // for the desk: what was done there lately, oldest first
}

// Event is the public face of an event. Times are RFC 3339, UTC.
type Event struct {
	ID        string `json:"id"`
	Kind      string `json:"kind" ts:"'lecture' | 'class' | 'forum'"`
	Title     string `json:"title"`
	Speaker   string `json:"speaker"`
	Host      string `json:"host"`
	Place     string `json:"place"`
	StartsAt  string `json:"startsAt"`
	EndsAt    string `json:"endsAt"`
	Phase     string `json:"phase" ts:"'scheduled' | 'live' | 'paused' | 'ended'"` // scheduled, live, paused, ended
	LiveSince string `json:"liveSince"`                                            // first time it went live; ""
	JP        int    `json:"jp"`                                                   // planned training hours
	Threshold int    `json:"threshold"`                                            // least presence in percent that earns them
}

// Stage is who and what everyone sees.
type Stage struct {
	Sources     []Source  `json:"sources"`
	Main        string    `json:"main"` // source ids; "": slot empty
	Second      string    `json:"second"`
	Interpreter string    `json:"interpreter"`
	Auto        bool      `json:"auto"`
	Layout      string    `json:"layout" ts:"'' | 'side' | 'sign'"` // as the operator chose; a viewer may choose otherwise
	Gate        bool      `json:"gate"`                             // who comes waits behind the stage for an operator
	Question    string    `json:"question"`                         // the question shown large; ""
	Takeover    *Takeover `json:"takeover,omitempty"`               // absent: no source was marked as backup
}

// Source is one stream on the stage.
type Source struct {
	ID    string `json:"id"`
	Kind  string `json:"kind" ts:"'camera' | 'screen' | 'interpreter'"`
	Owner string `json:"owner"`
	Label string `json:"label"`
	Audio bool   `json:"audio"` // it sends sound; of more than three of these, those who speak are heard

	Behind bool `json:"behind,omitempty"` // it waits behind the stage; told only to who stands there, and to the desk

	HeldSound   bool `json:"heldSound,omitempty"`   // goes to nobody, by the operator's hand
	HeldPicture bool `json:"heldPicture,omitempty"` // as well
	Backup      bool `json:"backup,omitempty"`      // it stands by, or has taken over
	Silent      bool `json:"silent,omitempty"`      // no media comes from it at the moment
}

// Question as the reader may see it: the asker's name is in no message to anybody.
type Question struct {
	ID      string `json:"id"`
	Text    string `json:"text"`
	Status  string `json:"status" ts:"'pending' | 'approved' | 'merged' | 'rejected' | 'answered' | 'gone'"` // pending, approved, merged, rejected, answered; "gone": no longer visible to you
	Support int    `json:"support"`
	Region  string `json:"region"`
	Unit    string `json:"unit"`
	AskedAt string `json:"askedAt"`
	Into    string `json:"into,omitempty"`   // merged into
	Reason  string `json:"reason,omitempty"` // of a rejection, for the asker and the desk
	Answer  string `json:"answer,omitempty"` // in writing; "" with status answered: answered live
}

// Mine is what concerns the reader alone; sent after welcome, and when it changes. It replaces the one before.
type Mine struct {
	Questions []Question  `json:"questions"`         // one's own, whatever their status
	Supported []string    `json:"supported"`         // question ids
	Answers   []MyAnswer  `json:"answers,omitempty"` // to polls
	Said      []string    `json:"said,omitempty"`    // one's own messages in the chat, by id
	Presence  *MyPresence `json:"presence,omitempty"`
	Check     *MyCheck    `json:"check,omitempty"` // the "Masih menyimak?" that stands; absent: none
	Hand      *MyHand     `json:"hand,omitempty"`  // absent: it is down
}

// MyCheck is a check that waits for an answer by Here, from any of the person's devices.
type MyCheck struct {
	Check int   `json:"check"`
	Until int64 `json:"until"` // server clock, Unix ms
}

// MyPresence is the reader's own attendance so far.
type MyPresence struct {
	Seconds int  `json:"seconds"` // credited
	Live    int  `json:"live"`    // seconds the event has been live
	Percent int  `json:"percent"` // rounded down
	Meets   bool `json:"meets"`
	Now     bool `json:"now"` // evidence in the last 10 s
	// What became of the checks so far. A missed one takes no credit.
	ChecksAnswered int `json:"checksAnswered"`
	ChecksMissed   int `json:"checksMissed"`
	ChecksExcused  int `json:"checksExcused"`
}

// Counts go to everyone about once a second, when they changed. They carry no revision.
type Counts struct {
	Viewers      int           `json:"viewers"` // open sessions that watch
	Participants int           `json:"participants"`
	Guests       int           `json:"guests"`
	Halls        int           `json:"halls,omitempty"`   // people in shared rooms who are not here with a device of their own
	Hearing      int           `json:"hearing"`           // sessions to which media was delivered in the last 10 s
	Regions      []RegionCount `json:"regions,omitempty"` // participants by regency; for the desk and BPSDM
	Rungs        []RungCount   `json:"rungs,omitempty"`   // viewers by step of the ladder, the lowest first; for the desk
	Cut          bool          `json:"cut,omitempty"`     // this server does not hear the others at the moment: it counts on, and takes no commands
	Flows        bool          `json:"flows,omitempty"`   // with cut: picture and sound of the stage go on all the same
	Nodes        []string      `json:"nodes,omitempty"`   // as in welcome: servers that came or went since
}

// RegionCount is the number of participants from one regency.
type RegionCount struct {
	Code string `json:"code"`
	Name string `json:"name"`
	N    int    `json:"n"`

	Watch int `json:"watch,omitempty"` // of their viewers, those whose step of the ladder is known
	Voice int `json:"voice,omitempty"` // of these, those whose network carries no picture
	Hall  int `json:"hall,omitempty"`  // people in the regency's shared rooms, beside the participants
}

// Ack accepts the message with the same id; what it did is durable.
type Ack struct {
	Rev int64 `json:"rev"`
}

// Answered is the ack of watch and publish.
type Answered struct {
	SDP    string `json:"sdp"`
	Source string `json:"source,omitempty"` // of publish: the new source's id
}

// Error refuses the message with the same id, or, with id 0, tells of something else.
// Kind decides what the client does; the message is a sentence in the reader's language.
type Error struct {
	Kind    string `json:"kind" ts:"'NotAllowed' | 'NotFound' | 'Conflict' | 'Invalid' | 'TooMany' | 'Internal'"` // NotAllowed NotFound Conflict Invalid TooMany Internal
	Code    string `json:"code"`                                                                                  // stable name of the sentence
	Message string `json:"message"`
}

// MediaLost tells that the transport of a watch or of a source died; the client offers again.
type MediaLost struct {
	Source string `json:"source"` // "": the viewer's own
}

// Goodbye is the last message of a socket.
type Goodbye struct {
	Reason  string `json:"reason" ts:"'restart' | 'ended' | 'replaced' | 'revoked' | 'banned' | 'protocol' | 'slow' | 'moved'"` // restart, ended, replaced, revoked, banned, protocol, slow, moved
	RetryMs int    `json:"retryMs"`                                                                                             // come back after so long; 0: do not
	Message string `json:"message"`
	// Nodes, of reason moved, are the addresses of the servers to go to, best first; with Race the one that answers soonest.
	Nodes []string `json:"nodes,omitempty"`
	Race  bool     `json:"race,omitempty"`
}

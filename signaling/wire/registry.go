package wire

// Kind pairs a type name of the envelope with the struct of its body. Body is nil for messages without one.
type Kind struct {
	T    string
	Body any
}

// Client lists what a client may send. Every body is a flat struct of strings, numbers and booleans; Decode relies
// on it.
var Client = []Kind{
	{"hello", Hello{}},
	{"ask", Ask{}},
	{"support", Support{}},
	{"approve", Approve{}},
	{"merge", Merge{}},
	{"reject", Reject{}},
	{"show", Show{}},
	{"answer", Answer{}},
	{"phase", SetPhase{}},
	{"scene", SetScene{}},
	{"watch", Watch{}},
	{"publish", Publish{}},
	{"unpublish", Unpublish{}},
	{"playing", Playing{}},
	{"here", Here{}},
	{"hand", Hand{}},
	{"invite", Invite{}},
	{"lower", Lower{}},
	{"hold", Hold{}},
	{"place", Place{}},
	{"gate", Gate{}},
	{"backup", SetBackup{}},
	{"backup.rule", SetTakeover{}},
	{"backup.over", TakeOver{}},
	{"look", Look{}},
	{"cueput", CuePut{}},
	{"cuemove", CueMove{}},
	{"cuedrop", CueDrop{}},
	{"cue", StartCue{}},
	{"cueback", CueBack{}},
	{"announce", Announce{}},
	{"ban", Ban{}},
	{"unban", Unban{}},
	{"quality", Quality{}},
	{"poll.make", MakePoll{}},
	{"poll.turn", TurnPoll{}},
	{"poll.show", ShowPoll{}},
	{"poll.answer", AnswerPoll{}},
	{"chat", Chat{}},
	{"chat.remove", ChatRemove{}},
	{"chat.promote", ChatPromote{}},
	{"chat.set", ChatSet{}},
	{"react", React{}},
	{"page", ShowPage{}},
	{"deck.share", ShareDeck{}},
	{"ink", Draw{}},
	{"point", Point{}},
	{"ping", nil},
}

// Server lists what the server sends.
var Server = []Kind{
	{"welcome", Welcome{}},
	{"state", State{}},
	{"mine", Mine{}},
	{"counts", Counts{}},
	{"rung", Rung{}},
	{"tallies", Tallies{}},
	{"reactions", Reactions{}},
	{"ink", Ink{}},
	{"point", Point{}},
	{"ack", Ack{}},
	{"answered", Answered{}},
	{"error", Error{}},
	{"medialost", MediaLost{}},
	{"goodbye", Goodbye{}},
	{"pong", nil},
}

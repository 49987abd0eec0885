package qa

// Status is where a question stands.
type Status string

// The states. Merged, Rejected and Answered are final.
const (
	Pending  Status = "pending"  // only the moderators see it
	Approved Status = "approved" // everyone sees it and may support it
	Merged   Status = "merged"   // folded into another, its supporters too
	Rejected Status = "rejected" // dismissed, with a reason for its asker
	Answered Status = "answered" // closed: live, or in writing
)

// Limits of text, in Unicode code points after trimming.
const (
	MaxQuestion = 300
	MaxReason   = 200
	MaxAnswer   = 1000
)

// Rates of one person, over all devices.
const (
	AskEvery    = 30_000 // ms between two questions
	MaxPending  = 5      // questions waiting for a moderator
	SupportSpan = 10_000 // ms in which at most MaxSupports votes may be given or taken back
	MaxSupports = 20
)

// Op is what a change does.
type Op uint8

// The operations.
const (
	OpAsk     Op = iota + 1 // Who asks Text
	OpSupport               // Who gives (On) or takes back the vote on Question
	OpApprove               // Question
	OpMerge                 // Question into Into
	OpReject                // Question, reason Text
	OpShow                  // Question on the stage; 0 takes it down
	OpAnswer                // Question; Text "" was live
)

// Change is a request to the board and, once planned, a step of it.
type Change struct {
	Op       Op
	Question int
	Into     int
	Who      string // key of the asker or voter
	Text     string
	On       bool
}

// Question is a copy of what the board knows of one question.
type Question struct {
	N       int
	Text    string
	Status  Status
	Support int    // distinct supporters; 0 once merged, for they moved along
	Asker   string // key
	AskedAt int64  // Unix ms
	Into    int    // merged into: always a question that is not itself merged
	Reason  string // of a rejection
	Answer  string // in writing
	Rev     int64  // revision of the last change to any of this
}

// Refusal says why a request was refused. Its text is a stable code.
type Refusal string

// Error gives the code.
func (r Refusal) Error() string { return string(r) }

// The refusals.
const (
	ErrUnknown        Refusal = "question_unknown"
	ErrState          Refusal = "question_state"         // its status does not allow that
	ErrEmpty          Refusal = "question_empty"         //
	ErrLong           Refusal = "question_long"          // over MaxQuestion
	ErrReasonEmpty    Refusal = "reason_empty"           //
	ErrReasonLong     Refusal = "reason_long"            // over MaxReason
	ErrAnswerLong     Refusal = "answer_long"            // over MaxAnswer
	ErrText           Refusal = "text_invalid"           // not UTF-8, or control characters
	ErrAskRate        Refusal = "question_rate"          // sooner than AskEvery
	ErrPendingLimit   Refusal = "question_pending_limit" // MaxPending are waiting
	ErrSupportRate    Refusal = "support_rate"           // more than MaxSupports in SupportSpan
	ErrMergeSelf      Refusal = "merge_self"             // into itself, maybe through an earlier merge
	ErrMergeInvisible Refusal = "merge_invisible"        // what everyone sees into what only moderators see
	ErrNobody         Refusal = "actor_unknown"          // no key of who asks or votes
	ErrOp             Refusal = "command_unknown"        //
)

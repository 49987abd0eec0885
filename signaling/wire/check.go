package wire

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// check trims the texts of a decoded body in place and gives the code of the first rule it breaks, or "".
func check(body any) string {
	switch b := body.(type) {
	case *Hello:
		if b.Rev < 0 || !id(b.Event) || b.Session != "" && !id(b.Session) {
			return "message_malformed"
		}
		if b.Token == "" || len(b.Token) > MaxToken || !visible(b.Token) {
			return "token_invalid"
		}
		if b.Lang != "en" {
			b.Lang = "id"
		}
	case *Ask:
		if code := text(&b.Text, 1, MaxQuestion, false); code != "" {
			return code
		}
		if !inWords(b.Text) {
			return "text_unreadable"
		}
	case *Support:
		return need(b.Question)
	case *Approve:
		return need(b.Question)
	case *Merge:
		return need(b.Question, b.Into)
	case *Reject:
		if code := need(b.Question); code != "" {
			return code
		}
		return text(&b.Reason, 1, MaxReason, false)
	case *Show:
		return may(b.Question)
	case *Answer:
		if code := need(b.Question); code != "" {
			return code
		}
		return text(&b.Text, 0, MaxAnswer, true)
	case *SetPhase:
		switch b.To {
		case "live", "paused", "ended":
		default:
			return "phase_unknown"
		}
	case *SetScene:
		switch b.Layout {
		case "", "side", "sign":
		default:
			return "layout_unknown"
		}
		if len(b.Seen) > 3*(MaxID+1) || !visible(b.Seen) {
			return "id_malformed"
		}
		return may(b.Main, b.Second, b.Interpreter)
	case *Watch:
		return sdp(b.SDP)
	case *Publish:
		switch b.Kind {
		case "camera", "screen", "interpreter":
		default:
			return "source_kind"
		}
		return sdp(b.SDP)
	case *Unpublish:
		return need(b.Source)
	case *Invite:
		return need(b.Hand)
	case *Lower:
		return need(b.Hand)
	case *Hold:
		return need(b.Source)
	case *CuePut:
		if code := may(b.ID); code != "" {
			return code
		}
		if len(b.Cast) > MaxID || !visible(b.Cast) {
			return "cue_cast"
		}
		return text(&b.Title, 1, MaxCueTitle, false)
	case *CueMove:
		return need(b.Cue)
	case *CueDrop:
		return need(b.Cue)
	case *StartCue:
		if code := may(b.From); code != "" {
			return code
		}
		return need(b.Cue)
	case *CueBack:
		return need(b.Cue)
	case *Announce:
		return text(&b.Text, 0, MaxAnnouncement, false)
	case *Place:
		return need(b.Source)
	case *Ban:
		if code := need(b.Target); code != "" {
			return code
		}
		return text(&b.Reason, 1, MaxBanReason, false)
	case *Unban:
		return need(b.Ban)
	case *SetBackup:
		return need(b.Owner)
	case *SetTakeover:
		if b.After < 2 || b.After > 60 {
			return "backup_after"
		}
	case *Quality:
		switch b.Pin {
		case "auto", "medium", "low", "save", "voice":
		default:
			return "quality_unknown"
		}
	case *MakePoll:
		return b.check()
	case *TurnPoll:
		switch b.To {
		case "open", "closed", "dropped":
		default:
			return "poll_state"
		}
		return need(b.Poll)
	case *ShowPoll:
		return need(b.Poll)
	case *AnswerPoll:
		if code := need(b.Poll); code != "" {
			return code
		}
		if !options(b.Pick) {
			return "poll_answer"
		}
		return text(&b.Text, 0, MaxPollAnswer, false)
	case *Chat:
		return text(&b.Text, 1, MaxChat, false)
	case *ChatRemove:
		return need(b.Message)
	case *ChatPromote:
		return need(b.Message)
	case *Caption:
		if b.N < 0 {
			return "message_malformed"
		}
		return text(&b.Text, 0, MaxCaption, false)
	case *NotePut:
		if code := may(b.Note); code != "" {
			return code
		}
		for _, s := range []*string{&b.Who, &b.Due} {
			if code := text(s, 0, MaxNoteWho, false); code != "" {
				return code
			}
		}
		return text(&b.Text, 1, MaxNote, true)
	case *NoteDrop:
		return need(b.Note)
	case *React:
		switch b.Kind {
		case "clap", "agree", "love", "thanks":
		default:
			return "reaction_unknown"
		}
	case *ShowPage:
		return may(b.Deck)
	case *ShareDeck:
		return need(b.Deck)
	case *Draw:
		switch b.Do {
		case "stroke", "undo", "clear":
		default:
			return "message_malformed"
		}
		return need(b.Deck)
	case *Point:
		if b.X < 0 || b.Y < 0 || b.X > MaxPoint || b.Y > MaxPoint {
			return "message_malformed"
		}
	case *GrantShare:
		return need(b.Seat)
	case *Quiet:
		return may(b.Source)
	case *CallOn:
		return need(b.Source)
	case *Gaze:
		if len(b.Sources) > 9*(MaxID+1) {
			return "id_malformed"
		}
		return may(strings.Split(b.Sources, ",")...)
	case *MakeRooms:
		if b.Count < 0 || b.Count > MaxRooms {
			return "rooms_count"
		}
	case *PutInRoom:
		if code := may(b.Room); code != "" {
			return code
		}
		return need(b.Seat)
	case *OpenRooms:
		if b.Minutes < 0 || b.Minutes > MaxMinutes {
			return "rooms_time"
		}
	case *CloseRooms:
		if b.Seconds < 0 {
			return "rooms_time"
		}
	case *GoToRoom:
		return may(b.Room)
	case *Here:
		if b.Check < 0 {
			return "message_malformed"
		}
	case *Playing:
		if b.Ms < 0 || b.Frames < 0 || b.Audio < 0 {
			return "message_malformed"
		}
		// More than the limit is not an attack but a page that slept: what counts is clipped.
		b.Ms = min(b.Ms, MaxPlayingMs)
		b.Audio = min(b.Audio, MaxPlayingMs)
	}
	return ""
}

// id tells whether s can be an id of ours: 1 to MaxID of [A-Za-z0-9._-].
func id(s string) bool {
	if s == "" || len(s) > MaxID {
		return false
	}
	for i := range len(s) {
		c := s[i]
		switch {
		case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9', c == '-', c == '_', c == '.':
		default:
			return false
		}
	}
	return true
}

// need refuses anything but ids; may also lets "" pass.
func need(ids ...string) string {
	for _, s := range ids {
		if !id(s) {
			return "id_malformed"
		}
	}
	return ""
}

func may(ids ...string) string {
	for _, s := range ids {
		if s != "" && !id(s) {
			return "id_malformed"
		}
	}
	return ""
}

// visible tells whether s is printable ASCII without spaces, as tokens are.
func visible(s string) bool {
	for i := range len(s) {
		if s[i] <= ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// sdp checks only what JSON and size can tell; the media engine parses.
func sdp(s string) string {
	switch {
	case len(s) > MaxSDP:
		return "sdp_too_big"
	case !strings.HasPrefix(s, "v=0"):
		return "sdp_malformed"
	}
	return ""
}

// text trims *s and checks that it holds least to most code points. Line breaks become "\n" where lines are allowed
// and a space elsewhere; any other control or direction-changing character is refused, because on the public stage
// it can only deceive.
func text(s *string, least, most int, lines bool) string {
	clean, ok := tidy(*s, lines)
	if !ok {
		return "text_control"
	}
	n := utf8.RuneCountInString(clean)
	if n < least {
		return "text_empty"
	}
	if n > most {
		return "text_too_long"
	}
	*s = clean
	return ""
}

// Tidy applies the rules for a one-line text (trimmed, no control characters, at most most code points) to what
// comes in by another way than the websocket. Code is "" or the sentence of the refusal.
func Tidy(s string, least, most int) (clean, code string) {
	if !utf8.ValidString(s) {
		return "", "text_control"
	}
	code = text(&s, least, most, false)
	if code != "" {
		return "", code
	}
	return s, ""
}

// MaxMarks is how many accents one letter may carry: more of them climb over the lines above and below it.
const MaxMarks = 4

func tidy(s string, lines bool) (string, bool) {
	s = strings.ReplaceAll(s, "\r\n", "\n")
	ok, marks := true, 0
	s = strings.Map(func(r rune) rune {
		if marks++; !unicode.In(r, unicode.Mn, unicode.Me) || unicode.Is(unicode.Variation_Selector, r) {
			marks = 0
		}
		switch {
		case marks > MaxMarks:
			ok = false
			return -1
		case r == '\n' || r == '\r' || r == '\u2028' || r == '\u2029':
			if lines {
				return '\n'
			}
			return ' '
		case r == '\t':
			return ' '
		case unicode.IsControl(r), r >= '\u202a' && r <= '\u202e', r >= '\u2066' && r <= '\u2069', r == '\ufeff',
			r&0xfffe == 0xfffe:
			ok = false
			return -1
		}
		return r
	}, s)
	return strings.TrimFunc(s, blank), ok
}

// maxSigns is how many emoji and other pictures a question may have, as a chat message may.
const maxSigns = 12

// inWords tells whether a moderator can read s out: it has a letter or a digit, and few pictures.
func inWords(s string) bool {
	signs := 0
	for _, r := range s {
		if picture(r) {
			signs++
		}
	}
	return signs <= maxSigns && strings.ContainsFunc(s, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
}

// Pictures tells whether s has emoji or other pictures, which are no part of a name.
func Pictures(s string) bool { return strings.ContainsFunc(s, picture) }

func picture(r rune) bool {
	return r > unicode.MaxLatin1 && unicode.In(r, unicode.So, unicode.Sk, unicode.Co)
}

// blank widens unicode.IsSpace by what looks like nothing: a text of these alone is empty.
func blank(r rune) bool {
	switch r {
	case '\u200b', '\u200c', '\u200d', '\u2060', '\u00ad', '\u180e', '\u3164', '\u2800':
		return true
	}
	return unicode.IsSpace(r)
}

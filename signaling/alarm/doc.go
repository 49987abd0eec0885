// Package alarm decides what the operator's desk is alarmed of. It is pure: Sources and Regions turn once a second what was
// measured into Signs, each a number with a subject, and a Board turns signs into alarms, which come after their condition has held
// for a while and go after it has been gone for one, so that nothing flickers.
package alarm

// Kind names what an alarm is about. The page has a sentence for each.
type Kind string

// The kinds, with the unit of a sign's value.
const (
	VoiceGone      Kind = "voice_gone"      // nothing of a voice arrives: seconds
	VoiceMute      Kind = "voice_mute"      // it arrives and is digital silence, as of a microphone that is off: seconds
	PictureFrozen  Kind = "picture_frozen"  // no frame arrives: seconds
	PictureStill   Kind = "picture_still"   // frames arrive and nothing moves in them, as of a covered camera: seconds
	PictureSmall   Kind = "picture_small"   // it sends a smaller picture than it did: seconds
	UplinkLoss     Kind = "uplink_loss"     // of what a publisher sends so much is lost on the way: part of 1
	UplinkFar      Kind = "uplink_far"      // the round trip to a publisher: ms
	SpeakerLost    Kind = "speaker_lost"    // a source's connection died, and it is not back: seconds
	CPU            Kind = "cpu"             // load of the processors; 1: newcomers get less
	Egress         Kind = "egress"          // the same of the line out
	DiskLow        Kind = "disk_low"        // GiB that are used up, counted from none free: minus what is free
	JournalSlow    Kind = "journal_slow"    // the longest write of the last seconds: ms
	JournalStopped Kind = "journal_stopped" // nothing can be written: seconds
	EvidenceLate   Kind = "evidence_late"   // evidence of presence waits to be stored: seconds
	EvidenceFew    Kind = "evidence_few"    // viewers of whom nothing proves that media arrives: part of 1
	NodeLost       Kind = "node_lost"       // another server is not heard: seconds
	LinkBad        Kind = "link_bad"        // the media link to another server: round trip in ms; a link that is down is Down
	RegionVoice    Kind = "region_voice"    // viewers of a regency whose network carries no picture: part of 1
	RegionGone     Kind = "region_gone"     // participants of a regency that went at once: part of 1
	ClockSkew      Kind = "clock_skew"      // the server's clock against the event's: seconds
)

// Down is the value of LinkBad of a link that is down, in ms.
const Down = 60_000

// rule says when a kind's value is an alarm. It comes when the value was at least on for so long, and goes when it was less than off
// for so long; on > off. From bad on it is grave.
type rule struct {
	on, off, bad float64
	after, rest  int64 // ms
}

var rules = map[Kind]rule{
	VoiceGone:      {on: 3, off: 1, bad: 6, rest: 2000},
	VoiceMute:      {on: 8, off: 1, bad: 30},
	PictureFrozen:  {on: 3, off: 1, bad: 8, rest: 2000},
	PictureStill:   {on: 10, off: 1, bad: 1e9, rest: 2000},
	PictureSmall:   {on: 6, off: 1, bad: 1e9, rest: 4000},
	UplinkLoss:     {on: .05, off: .02, bad: .15, after: 3000, rest: 6000},
	UplinkFar:      {on: 600, off: 400, bad: 1500, after: 4000, rest: 6000},
	SpeakerLost:    {on: 0, off: -1, bad: 0},
	CPU:            {on: .9, off: .75, bad: 1, after: 3000, rest: 10_000},
	Egress:         {on: .9, off: .75, bad: 1, after: 3000, rest: 10_000},
	DiskLow:        {on: -2, off: -3, bad: -.5, rest: 10_000},
	JournalSlow:    {on: 1000, off: 300, bad: 3000, rest: 10_000},
	JournalStopped: {on: 1, off: .5, bad: 1, rest: 2000},
	EvidenceLate:   {on: 15, off: 6, bad: 60, rest: 2000},
	EvidenceFew:    {on: .3, off: .15, bad: .6, after: 10_000, rest: 10_000},
	NodeLost:       {on: 4, off: 1, bad: 4, rest: 4000},
	LinkBad:        {on: 400, off: 250, bad: Down, after: 5000, rest: 8000},
	RegionVoice:    {on: .5, off: .25, bad: .8, after: 3000, rest: 10_000},
	RegionGone:     {on: .5, off: .25, bad: .8, after: 2000, rest: 10_000},
	ClockSkew:      {on: 2, off: 1, bad: 30, after: 5000, rest: 5000},
}

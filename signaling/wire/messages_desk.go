package wire

// ---- server to client ----

// Vitals tell the desk, once a second, how what the stage sends arrives, and what to be alarmed of. It replaces the one before.
type Vitals struct {
	Sources []SourceVitals `json:"sources"`
	Alarms  []Alarm        `json:"alarms"` // the grave ones first, and of these the oldest
}

// SourceVitals is how one source arrives at the server.
type SourceVitals struct {
	Source string `json:"source"`
	By     string `json:"by" ts:"'page' | 'encoder' | 'node'"` // from a browser's page; by WHIP; by another server
	// Voice: it comes; nothing of it comes; it is digital silence, as of a microphone that is off; nobody hears it, by the
	// operator's hand; there is none.
	Voice   string `json:"voice" ts:"'ok' | 'gone' | 'mute' | 'held' | 'none'"`
	VoiceMs int64  `json:"voiceMs"` // how long, of gone and mute
	Level   int    `json:"level"`   // of the voice, in dB above silence, to 127; -1: it tells none
	// Picture: it comes; no frame comes; nothing moves in it; it is smaller than it was; held; there is none.
	Picture string          `json:"picture" ts:"'ok' | 'frozen' | 'still' | 'small' | 'held' | 'none'"`
	Codec   string          `json:"codec"`  // of the picture: "VP8", "H264"; ""
	Layers  []PictureVitals `json:"layers"` // that arrive now, the smallest first
	Loss    float64         `json:"loss"`   // percent of what it sends that does not arrive by itself, lately
	RTT     int64           `json:"rtt"`    // ms to it and back; 0: not known
}

// PictureVitals is one size of a picture.
type PictureVitals struct {
	Lines int   `json:"lines"` // 0: not known
	Kbps  int64 `json:"kbps"`
}

// Alarm is one that stands. Kinds and the units of their values are those of package alarm.
type Alarm struct {
	ID    int     `json:"id"` // names it as long as it stands
	Kind  string  `json:"kind" ts:"'voice_gone' | 'voice_mute' | 'picture_frozen' | 'picture_still' | 'picture_small' | 'uplink_loss' | 'uplink_far' | 'speaker_lost' | 'cpu' | 'egress' | 'disk_low' | 'journal_slow' | 'journal_stopped' | 'evidence_late' | 'evidence_few' | 'node_lost' | 'link_bad' | 'region_voice' | 'region_gone' | 'clock_skew'"`
	Bad   bool    `json:"bad"`   // somebody must do something now
	Name  string  `json:"name"`  // of the source, regency or server that it is about; ""
	Since int64   `json:"since"` // server clock, Unix ms
	Value float64 `json:"value"`
}

// Deed is what somebody at the desk did. The desk learns of those of others by them.
type Deed struct {
	Rev  int64  `json:"rev"`
	At   int64  `json:"at"`   // server clock, Unix ms
	By   string `json:"by"`   // a name; "" where none is known
	Role string `json:"role"` // as in You
	Tag  string `json:"tag"`  // of the session, as in You
	What string `json:"what" ts:"'live' | 'paused' | 'ended' | 'cue' | 'cueback' | 'scene' | 'on' | 'behind' | 'hold' | 'free' | 'off' | 'gate' | 'gate_open' | 'invite' | 'lower' | 'ban' | 'unban' | 'approve' | 'reject' | 'merge' | 'show' | 'hide' | 'answer' | 'announce' | 'announce_off' | 'backup_on' | 'backup_off'"`
	Of   string `json:"of"` // the name or the first words of what it was done to; ""
}

package wire

// ---- client to server ----

// SetBackup marks who publishes under a link as backup ("cadangan"), or takes the mark away.
type SetBackup struct {
	Owner string `json:"owner"`
	On    bool   `json:"on"`
}

// SetTakeover says whether the backup takes over by itself, and after how many seconds without the main source (2 to 60).
type SetTakeover struct {
	Auto  bool `json:"auto"`
	After int  `json:"after"`
}

// TakeOver shows the backup now (on), or the main source again.
type TakeOver struct {
	On bool `json:"on"`
}

// ---- server to client ----

// Takeover is how things stand with the backup.
type Takeover struct {
	Auto  bool `json:"auto"`
	After int  `json:"after"` // seconds
	On    bool `json:"on"`    // the backup is what everyone sees
	Ready bool `json:"ready"` // a backup stands by and sends
}

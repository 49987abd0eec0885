package classroom

// The facts of the backup: who stands by, when they take over, and what made it so.
type (
	// BackupSet says: the sources of this owner stand by (On), or no longer do.
	BackupSet struct {
		Owner string `json:"owner"`
		On    bool   `json:"on"`
	}
	// TakeoverSet says: whether the backup takes over by itself, and after how many seconds.
	TakeoverSet struct {
		Auto  bool `json:"auto"`
		After int  `json:"after"`
	}
	// TookOver says: the backup is what everyone sees (On), or the main is again. Hand: an operator wanted it.
	TookOver struct {
		On   bool `json:"on"`
		Hand bool `json:"hand"`
	}
	// SourceSilent says: no more media comes from a source that is still on the stage, or it comes again.
	SourceSilent struct {
		Source SourceID `json:"source"`
		Silent bool     `json:"silent"`
	}
)

// FactKind names the body in the journal.
func (BackupSet) FactKind() string { return "backup" }

// FactKind names the body in the journal.
func (TakeoverSet) FactKind() string { return "backup.rule" }

// FactKind names the body in the journal.
func (TookOver) FactKind() string { return "backup.over" }

// FactKind names the body in the journal.
func (SourceSilent) FactKind() string { return "stage.silent" }

// The commands of the backup.
type (
	// SetBackup marks who publishes under a link as backup, or takes the mark away.
	SetBackup struct {
		Owner string
		On    bool
	}
	// SetTakeover switches the automatic takeover, after so many seconds (2 to 60).
	SetTakeover struct {
		Auto  bool
		After int
	}
	// TakeOver is an operator's hand: the backup now, or the main again.
	TakeOver struct{ On bool }
	// TakeOverDue is what the room's rule asks for now (TakeoverDue). The hub alone gives it, in the backup's name.
	TakeOverDue struct{ On bool }
	// NoteSilent says that no media comes from a source, or that it comes again. The hub alone gives it, in the name
	// of the source's publisher.
	NoteSilent struct {
		Source SourceID
		Silent bool
	}
)

func (SetBackup) commandName() string   { return "backup" }
func (SetTakeover) commandName() string { return "backup.rule" }
func (TakeOver) commandName() string    { return "backup.over" }
func (TakeOverDue) commandName() string { return "backup.due" }
func (NoteSilent) commandName() string  { return "stage.silent" }

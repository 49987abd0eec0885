package classroom

// RatifiedList is a signed attendance list as it is kept: for good, also when a later revision takes its place.
type RatifiedList struct {
	Event    EventID
	Number   string // of the document, unguessable
	Revision int    // from 1
	At       int64  // Unix ms
	Voided   int64  // when it was taken back, Unix ms; 0: it was not
	Document []byte
	Settled  bool // of a draft: another server had it as a list
}

// StoredRow is a row of a table as it is stored, for whoever holds a data folder against what it was.
type StoredRow struct {
	Table   string
	Columns []string
	Key     []int    // which of the columns the row is known by
	Values  []string // "type:hexadecimal bytes"
}

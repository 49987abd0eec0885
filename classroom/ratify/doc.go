// Package ratify is "Tetapkan kehadiran": one way for the server and the command line to freeze an event's attendance in a
// signed document, to give it out again, and to hold it against the database.
//
//	facts + spans -> classroom.NewSheet -> sign -> proof.Document -> store.SaveDraft -> the fact list.ratified -> store.SaveRatified
//	                                                      |-> Frozen -> every export
//	                                                      |-> Proof, for one person
//
// # Revisions
//
// A document is never edited. What changes afterwards (a correction that is granted, a name that was wrong) makes a
// revision: a new document of the same event, with a number of its own, that names the hash of the one before. The earlier
// one stays genuine: it still verifies, and its page says which revision counts now. Exports, the year's JP and a person's
// proof come from the newest.
package ratify

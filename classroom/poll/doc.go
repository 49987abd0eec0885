// Package poll holds the polls and quizzes of one event: made by the desk, opened, answered once by each person over
// all devices, closed, and their results shown. It is pure and imports nothing of ours.
//
//	draft -> open <-> closed        a draft may be dropped; what was ever opened stays
//
// An answer may be changed while the poll is open. What is counted is kept as it changes, so an answer costs the same
// however many there are.
//
// A poll of a set (pre-test, post-test) with right answers is a question of a quiz: Board.Score counts them for each person.
//
// Anonymous means: no screen and no export says who chose what. The journal does, as with questions: that a person has
// one answer must survive a restart, and an auditor may ask.
package poll

// Package chat holds the chat of one event: a window of its last messages, and the rules of who may write how much. It
// is pure and imports nothing of ours.
//
// The window is all there is: nothing is kept for each person, so the state does not grow with the audience. It is as
// long as the rules look back: at MaxBusy messages in BusySpan it holds more than OwnSpan.
//
// A message may be taken down by its writer or the desk, and made a question. What was taken down stays in the journal.
package chat

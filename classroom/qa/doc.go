// Package qa is the board of questions of one event: a pure state machine.
//
//	pending -> approved -> answered
//	   |  \        |  \
//	   |   rejected|   merged
//	   +-----------+
//
// A request (Change) goes through Plan, which checks it against the board's state and the rates and answers with
// the changes it becomes, and then each of those through Commit, which alone changes anything. Replaying the
// committed changes gives the same board, rates included. No text is ever edited: a question is shown as asked, or
// it is merged or rejected.
//
// People are opaque keys here. Questions are numbered from 1 in the order they were asked; 0 is no question.
// Times are Unix milliseconds and come in as arguments.
package qa

// Package attend turns evidence into intervals, minutes and JP. It is pure: time comes in as an argument, in Unix
// milliseconds.
//
//	Observation -> Tracker.Step -> Span -> Credit(Policy, Window, spans) -> Result
//
// The classes of evidence are never mixed: an observation and a span carry one, and only a policy says which of them
// together are presence. All sums are in milliseconds and rounded once, at the end.
package attend

// Package attend turns evidence into intervals, minutes and JP. It is pure: time comes in as an argument.
package attend

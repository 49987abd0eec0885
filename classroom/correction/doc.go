// Package correction holds the rules of the correction desk: somebody says that they were there at a time for which no
// presence was counted, and gives a reason; the training agency grants a stretch or refuses, and gives a reason.
//
// It is pure: time comes in as an argument, in Unix milliseconds. Nothing is edited: a decision may be followed by
// another, the last one counts, and all stay. What is granted is evidence of a class of its own and goes into credit as a
// union with all other evidence, so a second never counts twice.
package correction

// Package halls holds the rules of Ruang Bersama: many people before one screen. It is pure: time comes in as an
// argument, in Unix milliseconds.
//
//	Mark (somebody was here, or went, at this time) -> Board -> Stay (from, to, level) -> Spans (cut to the screen's media)
//
// A mark is a proof of one moment: a scan of the code on the hall's screen (level B), a PIC's word (C), a line on a
// paper sheet (D). Phones keep marks while they have no signal, so marks arrive late, twice and in any order: a mark
// counts once, by the id that the phone gave it, and stays are worked out from all marks in the order of their times,
// never in that of their arrival.
package halls

// Package export writes papers: a neutral Table, and from it CSV, XLSX and PDF as Indonesian offices read them. The same
// sheet gives the same bytes, whenever and wherever it is written. All times are WIB.
//
// Columns never change their order between versions; new ones are added at the end. In XLSX a NIP is text, a time is
// a real time and a duration a number. CSV has the header and the rows alone; a NIP in it does not survive a double
// click in Excel, which is why XLSX is the main export.
//
// PDF (Print, WritePDF) is for any list that is signed: kop, heading, a table whose header row is on every page, page
// numbers, signature, and the QR that leads to the verification page of a ratified list.
package export

// Package audit holds what was handed out, and what is stored, against what was signed, and names what was touched: the person and
// the column, the table and the row, or the part of the file. It needs no server.
//
// # Papers
//
// Every paper of a ratified list is made of the signed document alone (ratify.List.Daftar), always in the same bytes. So a paper is
// checked by making it anew: the same bytes are what was handed out. Where they differ, the contents are compared first, cell by
// cell, which also answers for a file that a spreadsheet saved anew; then the parts of the file; and where a part cannot be read
// any more, the place of the first byte that differs is looked up in the paper as it should be.
//
// # The data folder
//
// Database asks SQLite itself, the hash chain of every journal, every signed list with the evidence and the event it was made of,
// the sums beside files, what edges signed, and the checksums of the write-ahead log, which SQLite, finding one wrong, takes for its
// end without a word. A Seal answers for all the rest: it holds a sum of each column of each row as they stood one day.
package audit

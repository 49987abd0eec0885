// Package sheet reads the tables that agencies send: .xlsx workbooks and CSV files of any usual separator and
// encoding, and writes the workbook of the rows that could not be taken. It knows nothing of people: roster does.
//
// Workbooks are read as a stream of XML with bounds on rows, cells and unpacked bytes, because a file comes from
// outside and 100,000 rows must not need a gigabyte. Cells come as they are stored, not as they are shown: a NIP that
// Excel made a number is "1.99001012015031E+17" here, so that roster can say what happened to it.
package sheet

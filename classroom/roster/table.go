package roster

import "betang/classroom"

// Sheet is one table of a file as roster/sheet read it.
type Sheet struct {
	Name string // of the sheet in its workbook; "" for a CSV
	Rows []SheetRow
}

// SheetRow is a row with any text. No is its number in the spreadsheet program, from 1.
type SheetRow struct {
	No    int
	Cells []string
}

// Field is what a column says about a person.
type Field string

// The fields. The first is for papers that write the name and, under it, the NIP into one cell.
const (
	FieldNameNIP  Field = "nama_nip"
	FieldNIP      Field = "nip"
	FieldName     Field = "nama"
	FieldFront    Field = "gelar_depan"
	FieldBack     Field = "gelar_belakang"
	FieldOldNIP   Field = "nip_lama"
	FieldKind     Field = "status"
	FieldRank     Field = "pangkat"
	FieldGrade    Field = "golongan"
	FieldPosition Field = "jabatan"
	FieldUnit     Field = "unit"
	FieldAgency   Field = "perangkat_daerah"
	FieldInstansi Field = "instansi"
	FieldRegion   Field = "wilayah"

	// fieldRefused marks what is not to be collected (NIK, NPWP, bank account, address, telephone): it is not read.
	fieldRefused Field = "-"
)

// Column tells where a field was found, for the preview.
type Column struct {
	Field  Field
	Header string // as written
	Index  int    // from 0
}

// TableInfo tells what was made of one sheet.
type TableInfo struct {
	Name    string
	Header  int // number of the header's (last) row; 0: none found, and the sheet was not read
	Columns []Column
	Refused []string // headers of columns that are not to be collected
	Rows    int      // rows of data, problems included
}

// Entry is a person as one row of a file names them. Person has no ID yet.
type Entry struct {
	Sheet    int // index of the sheet in the file
	Row      int // number in the spreadsheet program
	Person   classroom.Person
	Previous string   // an earlier number of the same person, 18 digits, or ""
	Warn     []string // codes; the row is taken all the same
	Cells    []string // as the file has them
}

// Problem is a row that was not taken, with what it held.
type Problem struct {
	Sheet int
	Row   int
	Code  string // of the sentence in signaling/wire
	Other int    // the row it collides with, for roster_double and roster_clash; else 0
	Cells []string
}

// Report is a file, read.
type Report struct {
	Tables   []TableInfo
	Entries  []Entry
	Problems []Problem
	Doubles  int // rows that repeat another one without saying anything else
}

// The codes of problems beside those of ParseNIP, and of warnings beside its own.
const (
	CodeNoHeader   = "roster_header"     // of the whole file: no sheet has a row with NIP and Nama
	CodeNoNIP      = "roster_nip_empty"  // a name without a number
	CodeNoName     = "roster_name_empty" // a number without a name
	CodeName       = "roster_name"       // a name without letters, or with characters that no name has
	CodeSeveral    = "roster_nip_many"   // several numbers in one cell
	CodeDouble     = "roster_double"     // the same number as another row, with another name
	CodeClash      = "roster_clash"      // number and earlier number belong to two people already known
	WarnRegion     = "roster_warn_region"
	WarnGrade      = "roster_warn_grade"
	WarnUnit       = "roster_warn_unit"
	WarnOldNIP     = "roster_warn_old_nip"
	WarnOtherNamed = "roster_warn_name" // known under a name of which no word is the same
)

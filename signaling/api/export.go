package api

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"time"

	"betang/classroom"
	"betang/classroom/export"
)

func (s *server) exportCSV(w http.ResponseWriter, r *http.Request) {
	s.download(w, r, "csv", "text/csv; charset=utf-8", func(to io.Writer, sheet classroom.Sheet) error {
		return export.WriteCSV(to, export.Attendance(sheet))
	})
}

func (s *server) exportXLSX(w http.ResponseWriter, r *http.Request) {
	const xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
	s.download(w, r, "xlsx", xlsx, func(to io.Writer, sheet classroom.Sheet) error {
		return export.WriteXLSX(to, export.Attendance(sheet), export.NewHeading(sheet))
	})
}

func (s *server) exportPDF(w http.ResponseWriter, r *http.Request) {
	s.download(w, r, "pdf", "application/pdf", func(to io.Writer, sheet classroom.Sheet) error {
		return export.WritePDF(to, export.Print{
			Heading: export.NewHeading(sheet), Table: export.Attendance(sheet), Annexes: export.Attached(sheet),
		})
	})
}

// download sends a daftar hadir with all evidence gathered up to now. It is written whole before the first byte goes
// out, so that a failure is an error and not half a list; 10,000 persons are about 1.5 MB.
func (s *server) download(w http.ResponseWriter, r *http.Request, format, contentType string, write func(io.Writer, classroom.Sheet) error) {
	hub, id, err := s.openHub(r)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	sheet, at, err := s.sheets.get(r.Context(), id, hub, 0)
	if err != nil {
		s.refuse(w, r, err)
		return
	}
	var file bytes.Buffer
	if err := write(&file, sheet); err != nil {
		s.refuse(w, r, fmt.Errorf("write %s of %s: %w", format, id, err))
		return
	}
	// The record of processing (UU 27/2022 art. 31): who took which list when; whom it names stays inside.
	by := claimsOf(r)
	s.log.InfoContext(r.Context(), "attendance exported", "id", noteOf(r).id, "event", string(id), "format", format,
		"rows", len(sheet.Rows), "token", by.ID, "role", string(by.Role), "name", by.Name, "person", string(by.Person))

	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="daftar-hadir-%s-%s.%s"`, id, at.In(wib).Format("20060102-1504"), format))
	h.Set("Content-Length", strconv.Itoa(file.Len()))
	w.WriteHeader(http.StatusOK)
	_, _ = file.WriteTo(w) // the reader is gone: nobody to tell
}

// wib is the one time zone of Central Kalimantan.
var wib = time.FixedZone("WIB", 7*60*60)

package api

import (
	"bytes"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"betang/classroom"
	"betang/classroom/export"
	"betang/classroom/ratify"
)

// exportFormats are the downloads of a daftar hadir, and the ends of their files' names.
var exportFormats = map[string]string{"csv": "csv", "xlsx": "xlsx", "pdf": "pdf", "json": "json", "siasn": "xlsx"}

// exportPath is a format's address below an event.
func exportPath(format string) string {
	if format == "siasn" {
		return "siasn.xlsx"
	}
	return "attendance." + format
}

// export sends a daftar hadir: of a ratified event what the document says, else with all evidence gathered up to now. It
// is written whole before the first byte goes out, so that a failure is an error and not half a list; 10,000 persons are
// about 1.5 MB.
func (s *server) export(format string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
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
		paper := export.Daftar{Sheet: sheet, Office: s.office, Protocol: r.URL.Query().Get("order") == ratify.ByProtocol}
		if s.ratify != nil {
			list, ok, err := s.ratify.Newest(r.Context(), id)
			if err != nil {
				s.refuse(w, r, err)
				return
			}
			if ok {
				paper = list.Daftar(s.office, s.baseURL)
			}
		}
		var file bytes.Buffer
		if err := paper.Write(&file, format); err != nil {
			s.refuse(w, r, fmt.Errorf("write %s of %s: %w", format, id, err))
			return
		}
		name := "daftar-hadir"
		if format == "siasn" {
			name = "rekap-siasn"
		}
		s.note(r, id, format, len(paper.Sheet.Rows))
		name = fmt.Sprintf("%s-%s-%s.%s", name, id, at.In(wib).Format("20060102-1504"), exportFormats[format])
		attach(w, name, export.Formats[format], &file)
	}
}

// note is the record of processing (UU 27/2022 art. 31): who took which list when; whom it names stays inside.
func (s *server) note(r *http.Request, id classroom.EventID, format string, rows int) {
	by := claimsOf(r)
	s.log.InfoContext(r.Context(), "attendance exported", "id", noteOf(r).id, "event", string(id), "format", format,
		"rows", rows, "token", by.ID, "role", string(by.Role), "name", by.Name, "person", string(by.Person))
}

// attach sends a file to be saved.
func attach(w http.ResponseWriter, name, contentType string, file *bytes.Buffer) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Content-Disposition", fmt.Sprintf(`attachment; filename="%s"`, name))
	h.Set("Content-Length", strconv.Itoa(file.Len()))
	w.WriteHeader(http.StatusOK)
	_, _ = file.WriteTo(w) // the reader is gone: nobody to tell
}

// wib is the one time zone of Central Kalimantan.
var wib = time.FixedZone("WIB", 7*60*60)

package api

import (
	"context"
	"encoding/csv"
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/signaling"
)

func TestEventList(t *testing.T) {
	b := newBench(t)
	var list []eventRow
	b.do(http.MethodGet, "/api/bpsdm/events", b.link(classroom.RoleBPSDM), "").json(&list)
	if len(list) != 2 || list[0].Event.ID != "demo" || list[0].Counts.Participants != 2 || list[0].Attended != 2 || list[1].Event.ID != "lain" {
		t.Errorf("got %+v", list)
	}
}

// TestPapersAtTheHome: a server that is not the event's home makes no list of it and ratifies none, and says where that is done. The
// people's own pages and the roster stay as they are.
func TestPapersAtTheHome(t *testing.T) {
	b := newBench(t)
	token := b.link(classroom.RoleBPSDM)
	b.hub.away = "https://cadangan.example"
	for _, c := range []struct{ method, path string }{
		{http.MethodGet, "attendance"},
		{http.MethodGet, "attendance.csv"},
		{http.MethodGet, "attendance.pdf"},
		{http.MethodGet, "corrections"},
		{http.MethodGet, "policy"},
		{http.MethodPost, "policy"},
	} {
		got := b.do(c.method, "/api/bpsdm/events/demo/"+c.path, token, "")
		got.refused(http.StatusConflict, classroom.Conflict, "home_elsewhere")
		if !strings.Contains(got.Body.String(), "https://cadangan.example/bpsdm") {
			t.Errorf("%s %s: %s", c.method, c.path, got.Body)
		}
	}
	var list []eventRow
	if b.do(http.MethodGet, "/api/bpsdm/events", token, "").json(&list); len(list) != 2 {
		t.Errorf("%d events", len(list))
	}
	b.hub.away = ""
	var page attendancePage
	if b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance", token, "").json(&page); page.Total != 2 {
		t.Errorf("at home %+v", page)
	}
}

func TestAttendanceTable(t *testing.T) {
	b := newBench(t)
	token := b.link(classroom.RoleBPSDM)
	const path = "/api/bpsdm/events/demo/attendance"
	var got attendancePage
	b.do(http.MethodGet, path, token, "").json(&got)
	if got.Total != 2 || got.Page != 1 || got.Size != 50 || got.Live != 3600 || len(got.Rows) != 2 {
		t.Fatalf("got %+v", got)
	}
	in, err := time.Parse(time.RFC3339, got.Rows[0].In)
	if err != nil || in.Unix() != b.sheet.Rows[0].Result.First/1000 {
		t.Errorf("in: %q %v", got.Rows[0].In, err)
	}
	want := attendanceRow{
		No: 1, Person: string(b.sheet.Rows[0].Person.ID), Name: "Dr. Sri Wahyuni, S.Sos., M.Si.", NIP: sriNIP, Grade: "III/b", Position: "Analis Kebijakan",
		Unit: "Dinas Pendidikan", Instansi: "Pemerintah Provinsi Kalimantan Tengah", Region: got.Rows[0].Region,
		In: got.Rows[0].In, Out: got.Rows[0].Out, Seconds: 3000, Percent: 83, Method: "nip", JP: 1, Meets: true,
		Verified: true, Socket: 3100, Delivered: 3000, Decoded: 2900, Now: true, Bridged: 4,
	}
	for _, iv := range b.sheet.Rows[0].Result.Intervals {
		want.Intervals = append(want.Intervals, interval{exactly(iv.From), exactly(iv.To)})
	}
	if len(want.Intervals) != 2 || !reflect.DeepEqual(got.Rows[0], want) || !strings.Contains(want.Region, "Kotawaringin Timur") {
		t.Errorf("got  %+v\nwant %+v", got.Rows[0], want)
	}
	if got.Rows[1].Now || got.Rows[1].Verified || got.Rows[1].No != 2 {
		t.Errorf("second row %+v", got.Rows[1])
	}

	// The sums are over everyone, also where the rows are searched.
	sum := attendanceSummary{Attended: 2, Now: 1, Meets: 1, Percent: 41, JP: 1}
	var found attendancePage
	b.do(http.MethodGet, path+"?q=yani", token, "").json(&found)
	if got.Summary != sum || found.Summary != sum {
		t.Errorf("summary %+v, of a search %+v, want %+v", got.Summary, found.Summary, sum)
	}

	names := func(query, body string) string {
		t.Helper()
		var page attendancePage
		if body != "" {
			b.do(http.MethodPost, path, token, body).json(&page)
		} else {
			b.do(http.MethodGet, path+query, token, "").json(&page)
		}
		out := fmt.Sprint(page.Total, ":")
		for _, r := range page.Rows {
			out += fmt.Sprint(" ", r.No)
		}
		return out
	}
	for query, want := range map[string]string{
		"?q=sri": "1: 1", "?q=SRI%20wahyuni": "1: 1", "?q=yani": "1: 2", "?q=nobody": "0:", "?region=62.71": "1: 2",
		"?region=62.02&q=yani": "0:", "?page=2": "2:", "?size=1": "2: 1", "?size=1&page=2": "2: 2", "?size=200&page=1": "2: 1 2", "?q=": "2: 1 2",
	} {
		if got := names(query, ""); got != want {
			t.Errorf("%s: %s, want %s", query, got, want)
		}
	}
	for body, want := range map[string]string{
		`{"q":"` + sriNIP + `"}`: "1: 1", `{"q":"2005"}`: "1: 2", `{"region":"62.71","size":1}`: "1: 2", `{}`: "2: 1 2", `{"page":2,"size":1}`: "2: 2",
	} {
		if got := names("", body); got != want {
			t.Errorf("%s: %s, want %s", body, got, want)
		}
	}
	for query, code := range map[string]string{
		"?page=0": "page_invalid", "?page=-1": "page_invalid", "?page=x": "page_invalid", "?page=99999999999999999999": "page_invalid",
		"?page=": "page_invalid", "?size=0": "page_invalid", "?size=201": "page_invalid", "?region=1": "region_unknown",
		"?q=" + strings.Repeat("x", 500): "text_too_long",
	} {
		b.do(http.MethodGet, path+query, token, "").refused(400, classroom.Invalid, code)
	}
	b.do(http.MethodPost, path, token, `{"page":0}`).refused(400, classroom.Invalid, "page_invalid")
	b.do(http.MethodPost, path, token, `{"sort":"name"}`).refused(400, classroom.Invalid, "message_malformed")
	b.do(http.MethodGet, "/api/bpsdm/events/nosuch/attendance", token, "").refused(404, classroom.NotFound, "event_unknown")
}

func TestSearch(t *testing.T) {
	sri := sri()
	hadi := classroom.Person{Front: "H.", Name: "Muhammad Hadi", NIP: "197001011995031003"}
	single := classroom.Person{Name: "Suharto", Back: "S.H."}
	for q, want := range map[string]string{
		"": "sri hadi single", "   ": "sri hadi single", "sri": "sri", "Sri Wahyuni": "sri", "sriwahyuni": "sri", "WAHYUNI": "sri",
		"Dr. Sri": "sri", "dr sri wahyuni": "sri", "Sri Wahyuni, S.Sos., M.Si.": "sri", "Sri Wahyuni, S.E.": "sri",
		"Drs. Sri Wahyuni": "sri", "sri wahyuni m.si": "sri", "hadi": "hadi", "H. Muhammad Hadi": "hadi", "muhammad  hadi": "hadi",
		"Suharto, S.H.": "single", "har": "single", "1970": "hadi", "19700101 199503 1 003": "hadi", sriNIP: "sri", "1990-01": "sri",
		"budi": "", "=cmd": "", "%": "sri hadi single", "_": "sri hadi single",
	} {
		s, got := newSearch(q), []string{}
		for _, c := range []struct {
			name string
			p    classroom.Person
		}{{"sri", sri}, {"hadi", hadi}, {"single", single}} {
			if s.finds(c.p) {
				got = append(got, c.name)
			}
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%q finds %q, want %q", q, got, want)
		}
	}
}

func FuzzSearch(f *testing.F) {
	for _, q := range []string{"", "Dr. Sri, M.Si", "1990", "\xff\x00", "ＳＲＩ", "S.Sos.", ",,,", "İ"} {
		f.Add(q)
	}
	p := sri()
	f.Fuzz(func(t *testing.T, q string) {
		newSearch(q).finds(p)
		named := p
		named.Name = q
		if s := newSearch(classroom.SearchKey(q)); !s.all && s.nip == "" && !s.finds(named) {
			t.Errorf("%q does not find itself", q)
		}
	})
}

func TestDownloads(t *testing.T) {
	b := newBench(t)
	token := b.link(classroom.RoleBPSDM, func(c *signaling.Claims) { c.Name = "Petugas BPSDM" })
	file := b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance.csv", token, "")
	h := file.Header()
	if file.Code != 200 || h.Get("Content-Type") != "text/csv; charset=utf-8" || h.Get("Cache-Control") != "no-store" ||
		!strings.HasPrefix(h.Get("Content-Disposition"), `attachment; filename="daftar-hadir-demo-20`) || !strings.HasSuffix(h.Get("Content-Disposition"), `.csv"`) {
		t.Fatalf("%d %v", file.Code, h)
	}
	text := strings.TrimPrefix(file.Body.String(), "\ufeff")
	cells := csv.NewReader(strings.NewReader(text))
	cells.Comma = ';'
	cells.FieldsPerRecord = -1
	rows, err := cells.ReadAll()
	if err != nil || len(rows) < 3 || strings.Count(text, sriNIP) != 1 {
		t.Errorf("%v, %d rows:\n%s", err, len(rows), text)
	}
	book := b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance.xlsx", token, "")
	if book.Code != 200 || !strings.HasPrefix(book.Body.String(), "PK") || !strings.HasSuffix(book.Header().Get("Content-Disposition"), `.xlsx"`) ||
		book.Header().Get("Content-Type") != "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet" {
		t.Errorf("%d %v", book.Code, book.Header())
	}

	// Who took what is on record, whom it names is not.
	log := b.log.String()
	for _, want := range []string{`msg="attendance exported"`, "event=demo", "format=csv", "format=xlsx", "rows=2", "token=link-bpsdm", `name="Petugas BPSDM"`} {
		if !strings.Contains(log, want) {
			t.Errorf("the log lacks %s:\n%s", want, log)
		}
	}
	if strings.Contains(log, sriNIP) || strings.Contains(log, "Wahyuni") {
		t.Errorf("the log names people:\n%s", log)
	}

	b.store.fail = errDisk
	broken := b.do(http.MethodGet, "/api/bpsdm/events/demo/attendance.csv", token, "")
	broken.refused(500, classroom.Internal, "internal")
	if broken.Header().Get("Content-Disposition") != "" {
		t.Error("an error is offered as a download")
	}
}

// TestSheetsAreShared: many tables open at once read once, a download always reads anew, and evidence is saved first.
func TestSheetsAreShared(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		loads := 0
		hub := &fakeHub{}
		s := newShared(func(ctx context.Context, _ classroom.EventID) (classroom.Sheet, error) {
			mu.Lock()
			loads++
			n := loads
			mu.Unlock()
			select {
			case <-time.After(100 * time.Millisecond):
			case <-ctx.Done():
				return classroom.Sheet{}, ctx.Err()
			}
			return classroom.Sheet{Live: attend.Window{{From: 0, To: int64(n)}}}, nil
		})
		read := func(maxAge time.Duration) int64 {
			sheet, _, err := s.get(t.Context(), demo, hub, maxAge)
			if err != nil {
				t.Error(err)
				return 0
			}
			return sheet.Live[0].To
		}
		var wg sync.WaitGroup
		for range 20 {
			wg.Go(func() {
				if n := read(sheetAge); n != 1 {
					t.Errorf("reading %d, want 1", n)
				}
			})
		}
		wg.Wait()
		if n := read(0); n != 2 {
			t.Errorf("a download got reading %d, want a new one", n)
		}
		time.Sleep(sheetAge)
		if n := read(sheetAge); n != 3 || len(hub.calls) != 3 {
			t.Errorf("reading %d, %d flushes; want 3", n, len(hub.calls))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
		defer cancel()
		if _, _, err := s.get(ctx, demo, hub, 0); err == nil {
			t.Error("a reader who left got a sheet")
		}
		if n := read(sheetAge); n != 3 {
			t.Errorf("after a failed reading: %d, want the last good one", n)
		}
	})
}

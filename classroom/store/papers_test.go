package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"slices"
	"testing"

	"betang/classroom"
	"betang/classroom/halls"
	"betang/classroom/papers"
	"betang/classroom/roster"

	"pgregory.net/rapid"
)

// copyFrom brings one store what another has, as origins do; some pages come twice.
func copyFrom(ctx context.Context, from, to *Store, source string, twice bool) (clashes int, err error) {
	for more := true; more; {
		have, err := to.Copied(ctx)
		if err != nil {
			return clashes, err
		}
		var list []papers.Paper
		if list, more, err = from.Papers(ctx, have[source]); err != nil {
			return clashes, err
		}
		for range map[bool]int{false: 1, true: 2}[twice] {
			took, err := to.TakePapers(ctx, source, list)
			if err != nil || len(took.Bad) > 0 || len(took.Missing) > 0 {
				return clashes, fmt.Errorf("%+v: %w", took, err)
			}
			clashes += len(took.Clashes)
		}
	}
	return clashes, nil
}

// shown is what a store shows of people, lists and codes.
func shown(t testing.TB, s *Store) (out []string) {
	t.Helper()
	read := func(query string) {
		t.Helper()
		rows, err := s.reads.QueryContext(t.Context(), query)
		must(t, err)
		defer rows.Close()
		cols, err := rows.Columns()
		must(t, err)
		for rows.Next() {
			cells, into := make([]sql.NullString, len(cols)), make([]any, len(cols))
			for i := range cells {
				into[i] = &cells[i]
			}
			must(t, rows.Scan(into...))
			out = append(out, fmt.Sprint(query[:20], cells))
		}
		must(t, rows.Err())
	}
	for _, query := range []string{
		"SELECT * FROM people ORDER BY id", "SELECT nip, person, current FROM nips ORDER BY nip", "SELECT * FROM invitations ORDER BY 1, 2",
		"SELECT * FROM codes ORDER BY 1, 2", "SELECT * FROM pics ORDER BY 1, 2", "SELECT * FROM events ORDER BY id", "SELECT digest FROM hall_files ORDER BY 1",
		"SELECT event, at, digest, by FROM imports ORDER BY 2, 3", "SELECT id, spent FROM versions ORDER BY id", "SELECT number FROM drafts ORDER BY 1",
	} {
		read(query)
	}
	return out
}

// TestPapersMerge: three origins change people, numbers, lists and codes, parted or not, and copy from one another in any order, also
// twice. Once all copied from all they show the same, and nothing that any of them made is lost.
func TestPapersMerge(t *testing.T) {
	if testing.Short() {
		t.Skip("writes thousands of transactions")
	}
	var all []*Store
	for i := range 3 {
		s := open(t, t.TempDir())
		must(t, s.SaveEvent(t.Context(), demoEvent(demo)))
		must(t, s.SetTerm(t.Context(), "", 0, fmt.Sprint("asal-", i)))
		all = append(all, s)
	}
	ctx, round := t.Context(), 0
	rapid.Check(t, func(r *rapid.T) {
		if round++; round > 25 { // as many tries as rapid likes would write for minutes
			return
		}
		made := map[string]bool{}
		fail := func(err error) {
			if err != nil {
				r.Fatal(err)
			}
		}
		for range rapid.IntRange(1, 12).Draw(r, "steps") {
			i := rapid.IntRange(0, 2).Draw(r, "at")
			s := all[i]
			id := classroom.PersonID(fmt.Sprintf("r%d-%d", round, rapid.IntRange(0, 2).Draw(r, "who")))
			switch rapid.IntRange(0, 5).Draw(r, "what") {
			case 0, 1:
				p := classroom.Person{ID: id, Name: rapid.SampledFrom([]string{"Ani", "Budi", "Citra"}).Draw(r, "name")}
				if n := rapid.IntRange(0, 3).Draw(r, "nip"); n > 0 {
					p.NIP = fmt.Sprintf("1990%05d%09d", round, n)
				}
				if err := s.SaveListed(ctx, demo, []classroom.Person{p}); classroom.KindOf(err) != classroom.Conflict {
					fail(err)
					fail(s.Invite(ctx, demo, []classroom.PersonID{id}))
					made[string(id)] = true
				}
			case 2:
				if _, err := s.Person(ctx, id); err == nil {
					fail(s.SaveCodes(ctx, demo, []roster.PersonalCode{{Person: id, Code: fmt.Sprint("K", round, rapid.IntRange(0, 1<<30).Draw(r, "code"), i)}}))
				}
			case 3:
				fail(s.SetTerm(ctx, demo, int64(rapid.IntRange(1, 5).Draw(r, "token")), fmt.Sprint("asal-", i)))
			default:
				from := rapid.IntRange(0, 2).Draw(r, "from")
				if from != i {
					_, err := copyFrom(ctx, all[from], s, fmt.Sprint("asal-", from), rapid.Bool().Draw(r, "twice"))
					fail(err)
				}
			}
		}
		order := rapid.Permutation([]int{0, 1, 2}).Draw(r, "order")
		for range 2 { // what the last had reaches the first by the second round
			for _, from := range order {
				for _, to := range order {
					if from != to {
						_, err := copyFrom(ctx, all[from], all[to], fmt.Sprint("asal-", from), false)
						fail(err)
					}
				}
			}
		}
		want := shown(t, all[0])
		for i, s := range all[1:] {
			if got := shown(t, s); !slices.Equal(got, want) {
				r.Fatalf("origin %d shows\n%v\nnot\n%v", i+1, got, want)
			}
		}
		for id := range made {
			if _, err := all[2].Person(ctx, classroom.PersonID(id)); err != nil {
				r.Fatalf("%s: %v", id, err)
			}
		}
	})
}

// TestPapersClash: two origins change the same person while they are parted. The later home's counts, whatever the clocks say, the
// other is kept and named at both, and whoever changes the person next settles it.
func TestPapersClash(t *testing.T) {
	a, b, ctx := open(t, t.TempDir()), open(t, t.TempDir()), t.Context()
	p := classroom.Person{ID: "p1", Name: "Sri Wahyuni", NIP: "199001012015031001", Unit: "Dinas Sosial"}
	must(t, a.SaveEvent(ctx, demoEvent(demo)))
	must(t, a.SetTerm(ctx, demo, 3, "asal"))
	must(t, a.SaveListed(ctx, demo, []classroom.Person{p}))
	must(t, a.Invite(ctx, demo, []classroom.PersonID{"p1"}))
	digest := [32]byte{7}
	must(t, a.SaveHallFile(ctx, demo, halls.File{Digest: digest, Hall: "h1", Type: "image/png", Body: []byte("gambar")}))
	must(t, a.SaveImport(ctx, roster.Import{Event: demo, Digest: digest, By: "x", People: 1}))
	both := func() (clashes int) {
		t.Helper()
		n, err := copyFrom(ctx, a, b, "asal", false)
		must(t, err)
		m, err := copyFrom(ctx, b, a, "cadangan", true)
		must(t, err)
		if got, want := shown(t, b), shown(t, a); !slices.Equal(got, want) {
			t.Fatalf("b shows\n%v\nnot\n%v", got, want)
		}
		return n + m
	}
	if n := both(); n != 0 {
		t.Errorf("%d clashes of what only one changed", n)
	}
	if f, err := b.HallFile(ctx, demo, digest); err != nil || string(f.Body) != "gambar" {
		t.Errorf("the picture of a sheet: %q, %v", f.Body, err)
	}
	must(t, b.SetTerm(ctx, demo, 4, "cadangan"))
	atB, atA := p, p
	atB.Unit = "Dinas Kesehatan"
	must(t, b.SaveListed(ctx, demo, []classroom.Person{atB}))
	atA.Unit = "Dinas Pendidikan"
	for range 3 { // more often and later at the old home
		atA.Name += "."
		must(t, a.SaveListed(ctx, demo, []classroom.Person{atA}))
	}
	if n := both(); n == 0 {
		t.Error("no clash was told")
	}
	for name, s := range map[string]*Store{"a": a, "b": b} {
		if got, err := s.Person(ctx, "p1"); err != nil || got != atB {
			t.Errorf("%s shows %+v, %v", name, got, err)
		}
		clashes, err := s.Clashes(ctx, demo)
		must(t, err)
		if len(clashes) != 1 || clashes[0].Counts.Source != "cadangan" || len(clashes[0].Others) != 1 {
			t.Fatalf("%s: %+v", name, clashes)
		}
		if other, err := PersonOf(clashes[0].Others[0]); err != nil || other != atA || clashes[0].Others[0].Source != "asal" {
			t.Errorf("%s keeps %+v, %v", name, other, err)
		}
	}
	atA.Name = "Sri Wahyuni"
	must(t, a.SaveListed(ctx, demo, []classroom.Person{atA}))
	both()
	for _, s := range []*Store{a, b} {
		if clashes, err := s.Clashes(ctx, demo); err != nil || len(clashes) != 0 {
			t.Errorf("settled: %+v, %v", clashes, err)
		}
		if got, err := s.Person(ctx, "p1"); err != nil || got != atA {
			t.Errorf("after the next change: %+v, %v", got, err)
		}
	}
}

// TestPapersNumber: two origins that knew nothing of each other have a number with two people. One of them keeps it at both, and both
// people stay.
func TestPapersNumber(t *testing.T) {
	a, b, ctx := open(t, t.TempDir()), open(t, t.TempDir()), t.Context()
	for i, s := range []*Store{a, b} {
		must(t, s.SaveEvent(ctx, demoEvent(demo)))
		must(t, s.SaveListed(ctx, demo, []classroom.Person{{ID: classroom.PersonID(fmt.Sprint("p", i)), Name: "Sri", NIP: "199001012015031001"}}))
	}
	_, err := copyFrom(ctx, a, b, "a", false)
	must(t, err)
	_, err = copyFrom(ctx, b, a, "b", false)
	must(t, err)
	x, err := a.PersonByNIP(ctx, "199001012015031001")
	must(t, err)
	y, err := b.PersonByNIP(ctx, "199001012015031001")
	must(t, err)
	if x != y || x.ID != "p1" {
		t.Errorf("%+v at one, %+v at the other", x, y)
	}
	if p, err := a.Person(ctx, "p0"); err != nil || p.NIP != "" || p.Name != "Sri" {
		t.Errorf("%+v, %v", p, err)
	}
}

// TestPapersOdd: papers that are none are left out and named, people who are not known are asked for, and what came before stays.
func TestPapersOdd(t *testing.T) {
	s, ctx := open(t, t.TempDir()), t.Context()
	must(t, s.SaveEvent(ctx, demoEvent(demo)))
	bad := []papers.Paper{
		{ID: "x"},
		{ID: "version//v1", Body: json.RawMessage(`{"id":"v2","kind":"person","key":"p","body":{}}`)},
		{ID: "version//v1", Body: json.RawMessage(`{"id":"v1","kind":"person","key":"p","body":[]}`)},
		{ID: "hall/" + string(demo) + "/zz", Body: json.RawMessage(`{}`)},
		{ID: "import/" + string(demo) + "/1-00", Body: json.RawMessage(`{}`)},
		{ID: "list/" + string(demo) + "/N", Body: json.RawMessage(`[]`)},
	}
	took, err := s.TakePapers(ctx, "a", bad)
	must(t, err)
	if len(took.Bad) != len(bad) || took.New != 0 {
		t.Errorf("%+v", took)
	}
	took, err = s.TakePapers(ctx, "a", []papers.Paper{
		{ID: "version//v1", Body: json.RawMessage(`{"id":"v1","kind":"person","key":"p","at":1,"body":{"name":"Ani"}}`)},
		{ID: "invited/" + string(demo) + "/q"},
	})
	must(t, err)
	if !slices.Equal(took.Missing, []string{"q"}) {
		t.Errorf("%+v", took)
	}
	if _, err := s.Person(ctx, "p"); classroom.KindOf(err) != classroom.NotFound {
		t.Errorf("half of what came was kept: %v", err)
	}
	have, err := s.Copied(ctx)
	must(t, err)
	if have["a"] != bad[len(bad)-1].ID {
		t.Errorf("copied up to %q", have["a"])
	}
}

// FuzzTakePaper: a paper of any form is taken, named as bad, or asked about; it breaks nothing.
func FuzzTakePaper(f *testing.F) {
	f.Add("version//v1", []byte(`{"id":"v1","kind":"person","key":"p","at":1,"body":{"name":"Ani","nip":"1"}}`))
	f.Add("version/kuliah/v2", []byte(`{"id":"v2","kind":"code","event":"kuliah","key":"p","body":{"hash":"00"}}`))
	f.Add("version/kuliah/v3", []byte(`{"id":"v3","kind":"event","event":"kuliah","key":"kuliah","at":9000000000000,"body":{"policy":1}}`))
	f.Add("version/kuliah/v4", []byte(`{"id":"v4","kind":"event","event":"kuliah","key":"kuliah","at":9000000000000,"body":{}}`))
	f.Add("hall/kuliah/00", []byte(`{}`))
	f.Add("import/kuliah/1-00", []byte(`{"at":1}`))
	f.Add("list/kuliah/N", []byte(`{"document":"eA=="}`))
	s, err := Open(f.Context(), f.TempDir())
	if err != nil {
		f.Fatal(err)
	}
	f.Cleanup(func() { _ = s.Close() })
	ev := demoEvent("kuliah")
	if err := s.SaveEvent(f.Context(), ev); err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, id string, body []byte) {
		p := papers.Paper{ID: id, Body: body}
		kind, event, _, err := p.Parts()
		if err == nil && event != "kuliah" && (event != "" || kind != papers.KindVersion) {
			t.Skip() // whoever copies sees to it that the event is known
		}
		took, err := s.TakePapers(t.Context(), "x", []papers.Paper{p})
		if err != nil {
			t.Fatalf("%q %q: %v", id, body, err)
		}
		if len(took.Bad)+len(took.Missing) > 0 {
			return
		}
		if _, err := s.Event(t.Context(), "kuliah"); err != nil {
			t.Fatalf("%q %q spoilt the event: %v", id, body, err)
		}
		for after, more := "", true; more; {
			var list []papers.Paper
			if list, more, err = s.Papers(t.Context(), after); err != nil {
				t.Fatalf("%q %q cannot be given out: %v", id, body, err)
			}
			if len(list) > 0 {
				after = list[len(list)-1].ID
			}
		}
	})
}

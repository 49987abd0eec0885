package classroom

import (
	"bytes"
	"errors"
	"flag"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"betang/classroom/attend"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

// golden compares got with a file of testdata.
func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := "testdata/" + name
	if *updateGolden {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Fatalf("%s differs (go test -update writes it anew); got:\n%s", path, got)
	}
}

// everyFact has a fact of each kind.
func everyFact() []Fact {
	at := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	cam := Source{ID: "src-1", Kind: Camera, Owner: "link-spk", Label: `Gubernur "K.T." <Kalteng> & tim`}
	revised := attend.DefaultPolicy()
	revised.MinutesPerJP, revised.Rounding, revised.Ceremony, revised.CapJP, revised.Revision = 60, attend.RoundNearest, true, 4, 1
	var out []Fact
	for i, f := range []struct {
		by   Actor
		body FactBody
	}{
		{sri, Admitted{Method: "nip"}},
		{guest, Admitted{Method: "guest"}},
		{speaker, PhaseSet{Live}},
		{speaker, StageEntered{cam, false}},
		{speaker, SceneSet{Scene{Main: "src-1"}, true}},
		{operator, SceneSet{Scene{Second: "src-1", Interpreter: ""}, false}},
		{sri, Asked{"q1", "Kapan <b>gelombang</b> kedua? \u2028 \"é\" 🙏\nTerima kasih"}},
		{budi, Asked{"q2", "Gelombang kedua kapan?"}},
		{guest, Asked{"q3", "?"}},
		{moderator, Approved{"q1"}},
		{budi, Supported{"q1", true}},
		{budi, Supported{"q1", false}},
		{moderator, Merged{"q2", "q1"}},
		{moderator, Rejected{"q3", "Kurang jelas"}},
		{moderator, Shown{"q1"}},
		{moderator, Shown{}},
		{moderator, Answered{"q1", ""}},
		{speaker, StageLeft{"src-1"}},
		{operator, PhaseSet{Ended}},
		{sri, Checked{3, "answered", 1_758_679_260_000, 4200}},
		{budi, HandRaised{"h1"}},
		{moderator, HandInvited{"h1"}},
		{operator, SourceHeld{"src-1", Held{Sound: true}}},
		{operator, SourceHeld{"src-1", Held{}}},
		{moderator, HandLowered{"h1"}},
		{moderator, Banned{Ban: "b1", Person: "p-budi", Role: RoleParticipant, Reason: "Mengganggu"}},
		{moderator, Unbanned{"b1"}},
		{sri, Contested{"k1", 1_758_679_260_000, 1_758_679_860_000, "Listrik padam di kantor"}},
		{bpsdm, Decided{"k1", true, 1_758_679_260_000, 1_758_679_560_000, "Sesuai surat PLN", "Kepala Bidang, BPSDM"}},
		{bpsdm, Decided{"k1", false, 0, 0, "Surat ternyata dari hari lain", "Kepala Bidang, BPSDM"}},
		{pic, HallOpened{"h1", "open-0001", "Aula BKPSDM", "Jl. Jenderal Sudirman, Sampit"}},
		{sri, HallMarked{Entry: "scan-0001", Hall: "h1", Person: "p-sri", Level: "B", At: 1_758_679_260_000, How: "qr", Device: "d1"}},
		{pic, HallMarked{
			Entry: "mark-0001", Hall: "h1", Person: "p-budi", Out: true, Level: "D", At: 1_758_679_260_000, How: "paper",
			Reason: "Lembar 1 dari 2", File: sheetHash,
		}},
		{pic, HallStruck{"mark-0001", "Salah baris"}},
		{pic, HallClosed{"h1"}},
		{moderator, PollMade{"j1", "single", "Setuju?", []string{"Ya", "Tidak"}, 0, 1, "post", false, false}},
		{moderator, PollMade{"j2", "scale", "Seberapa jelas?", nil, 5, 0, "", true, true}},
		{moderator, PollTurned{"j1", "open"}},
		{sri, PollAnswered{"j1", 2, 0, ""}},
		{guest, PollAnswered{"j2", 0, 4, ""}},
		{moderator, PollShown{"j2", true}},
		{speaker, StageEntered{cam, true}},
		{operator, Placed{"src-1", false}},
		{operator, GateSet{true}},
		{operator, BackupSet{"link-whip", true}},
		{operator, TakeoverSet{true, 5}},
		{speaker, SourceSilent{"src-1", true}},
		{speaker2, TookOver{true, false}},
		{moderator, ChatSet{true, false}},
		{sri, Chatted{"m1", "Salam dari <i>Sampit</i> 🙏"}},
		{moderator, ChatPromoted{"m1", "q4"}},
		{moderator, ChatRemoved{"m1"}},
		{moderator, Captioned{1, "Selamat pagi <semua>"}},
		{moderator, Noted{"n1", "action", "Kirim materi\nke peserta", "BPSDM", "Senin", false}},
		{moderator, Noted{Note: "n1", Gone: true}},
		{operator, CuePut{Cue{ID: "c1", Title: "Indonesia Raya", Minutes: 3, Uncounted: true, Music: true, Cast: "mc"}}},
		{operator, CuePut{Cue{ID: "c2", Title: "Kuliah umum", Minutes: 90, Cast: "vip,mc", Layout: LayoutSide}}},
		{operator, CueMoved{"c2", 0}},
		{operator, CueStarted{Cue{ID: "c1", Title: "Indonesia Raya", Minutes: 3, Uncounted: true, Music: true, Cast: "mc"}}},
		{operator, CueUndone{"c1"}},
		{operator, CueDropped{"c1"}},
		{operator, SceneSet{Scene{Main: "src-1", Layout: LayoutSide}, false}},
		{moderator, Announced{"Istirahat sampai pukul 10.30 WIB"}},
		{speaker, DeckAdded{Deck{"d1", "TOKEN", "Arah pembangunan", 60, 4_000_000, sheetHash, sheetHash}}},
		{moderator, DeckAdded{Deck{"d2", "TOKEN2", "Foto", 1, 0, "", sheetHash}}},
		{speaker, DeckShared{"d1", true}},
		{speaker, PageShown{"d1", 60}},
		{speaker, PageShown{}},
		{moderator, DeckDropped{"d2"}},
		{speaker, ClassSet{true, false}},
		{speaker, ShareGranted{"s1", true}},
		{speaker, Quieted{}},
		{speaker, CalledOn{"src-1"}},
		{sri, Spoke{"src-1"}},
		{speaker, RoomsMade{2, "even"}},
		{speaker, RoomPut{Room: "r1", Person: "p-sri"}},
		{speaker, RoomPut{Room: "r2", Session: "s-guest"}},
		{speaker, RoomsOpened{1_758_679_860_000}},
		{speaker, RoomEntered{"r2"}},
		{sri, HelpCalled{true}},
		{speaker, RoomsClosed{}},
		{bpsdm, FlagJudged{"0123456789abcdef01234567", FlagDevice, []PersonID{"p-budi", "p-sri"}, VerdictAct, "Satu laptop dipakai berdua", "Kepala Bidang, BPSDM"}},
		{bpsdm, Corrected{"k2", "p-budi", false, 1_758_679_260_000, 1_758_679_560_000, groundFor, whoDecides}},
		{bpsdm, Corrected{"k3", "p-budi", true, 1_758_679_260_000, 1_758_679_560_000, groundFor, whoDecides}},
		{bpsdm, PolicySet{revised, groundFor, whoDecides}},
		{bpsdm, ListVoided{"K7QM2F9D", sheetHash, groundFor, whoDecides}},
		{bpsdm, ListRatified{"K7QM2F9D", sheetHash, 2, groundFor, whoDecides}},
	} {
		out = append(out, Fact{
			Seq: int64(i + 1), At: at.Add(time.Duration(i) * 1001 * time.Millisecond), By: f.by, Body: f.body,
		})
	}
	return out
}

// What is in the golden file is in journals: it may grow, but no line of it may ever change.
func TestEncodingStays(t *testing.T) {
	var b bytes.Buffer
	kinds := map[string]bool{}
	for _, f := range everyFact() {
		line, err := EncodeFact(f)
		if err != nil {
			t.Fatal(err)
		}
		again, err := DecodeFact(line)
		if err != nil || !reflect.DeepEqual(again, f) {
			t.Fatalf("%s\ncame back as %+v, %v", line, again, err)
		}
		b.Write(line)
		b.WriteByte('\n')
		kinds[f.Body.FactKind()] = true
	}
	if len(kinds) != len(factTypes) {
		t.Errorf("%d of %d kinds are in the golden file", len(kinds), len(factTypes))
	}
	golden(t, "facts.golden", b.Bytes())
}

func TestDecodeRefuses(t *testing.T) {
	good, err := EncodeFact(everyFact()[0])
	if err != nil {
		t.Fatal(err)
	}
	swap := func(old, with string) string {
		s := strings.Replace(string(good), old, with, 1)
		if s == string(good) {
			t.Fatalf("%q is not in %s", old, good)
		}
		return s
	}
	for _, c := range []struct{ name, data, says string }{
		{"nothing", "", "EOF"},
		{"no JSON", "fact", "invalid character"},
		{"no object", "[]", "cannot unmarshal"},
		{"null", "null", "unknown kind"},
		{"a later kind", swap(`"admitted"`, `"poll.opened"`), `kind "poll.opened": unknown kind of fact: written by a newer version`},
		{"a later field", swap(`"method"`, `"ip":"10.0.0.1","method"`), "unknown field"},
		{"an actor's later field", swap(`"role"`, `"rank":"x","role"`), "unknown field"},
		{"no body", swap(`,"body":{"method":"nip"}`, ``), "EOF"},
		{"an empty body", swap(`{"method":"nip"}`, `{}`), "canonical"},
		{"a null body", swap(`{"method":"nip"}`, `null`), "canonical"},
		{"spaces", swap(`,"seq"`, `, "seq"`), "canonical"},
		{"another order", swap(`"seq":1,"at":1795485600000`, `"at":1795485600000,"seq":1`), "canonical"},
		{"a field twice", swap(`"seq":1`, `"seq":2,"seq":1`), "canonical"},
		{"another case", swap(`"seq"`, `"Seq"`), "canonical"},
		{"an escape", swap(`"nip"`, `"\u006eip"`), "canonical"},
		{"more after it", string(good) + "{}", "canonical"},
		{"a line break after it", string(good) + "\n", "canonical"},
		{"a number as text", swap(`"seq":1`, `"seq":"1"`), "cannot unmarshal"},
		{"a broken character", swap(`"nip"`, "\"n\xffp\""), "not UTF-8"},
		{"half a pair", swap(`"nip"`, `"\ud800"`), "canonical"},
	} {
		f, err := DecodeFact([]byte(c.data))
		if err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: %+v, %v; want %q", c.name, f, err, c.says)
		}
	}
	if _, err := DecodeFact([]byte(swap(`"admitted"`, `"x"`))); !errors.Is(err, ErrFactKind) {
		t.Errorf("%v is not ErrFactKind", err)
	}
}

func TestEncodeRefuses(t *testing.T) {
	good := everyFact()[0]
	for name, change := range map[string]func(*Fact){
		"no body":            func(f *Fact) { f.Body = nil },
		"an unknown kind":    func(f *Fact) { f.Body = strange{} },
		"a false name":       func(f *Fact) { f.Body = impostor{} },
		"a pointer":          func(f *Fact) { f.Body = &Admitted{Method: "nip"} },
		"finer than a ms":    func(f *Fact) { f.At = f.At.Add(time.Microsecond) },
		"a broken character": func(f *Fact) { f.Body = Admitted{Method: "n\xffp"} },
		"a broken name":      func(f *Fact) { f.By.Name = "n\xffp" },
	} {
		f := good
		change(&f)
		if data, err := EncodeFact(f); err == nil {
			t.Errorf("%s: %s", name, data)
		}
	}
}

type impostor struct{}

func (impostor) FactKind() string { return "admitted" }

func FuzzDecodeFact(f *testing.F) {
	for _, fact := range everyFact() {
		data, err := EncodeFact(fact)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(`{"kind":"admitted","seq":1,"at":-1,"by":{"role":""},"body":{"method":"\ufffd"}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		fact, err := DecodeFact(data)
		if err != nil {
			return
		}
		again, err := EncodeFact(fact)
		if err != nil || !bytes.Equal(again, data) {
			t.Fatalf("%q came back as %q, %v", data, again, err)
		}
		// Whatever a journal says, a room takes it or refuses it.
		_, _ = Replay(testEvent(), []Fact{fact})
	})
}

func BenchmarkDecodeFact(b *testing.B) {
	data, err := EncodeFact(everyFact()[6])
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := DecodeFact(data); err != nil {
			b.Fatal(err)
		}
	}
}

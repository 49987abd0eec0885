package main

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
	"betang/classroom/notes"
	"betang/classroom/poll"
	"betang/classroom/roster"
	"betang/classroom/survey"
)

// lectureOver is the data of a lecture of two hours that is over: 300 people of 14 regencies, a rundown, 30 questions, polls and tests,
// minutes and 40 evaluations.
func lectureOver(t *testing.T) (dir string) {
	t.Helper()
	dir = t.TempDir()
	p := pastLecture(t, dir, classroom.Event{
		ID: "kuliah", Title: "Kuliah Umum Gubernur: Birokrasi Melayani dari Rumah Betang", Speaker: "Gubernur Kalimantan Tengah",
		Host: "BPSDM Provinsi Kalimantan Tengah", Place: "Aula Jayang Tingang", StartsAt: time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC),
	})
	do := func(by classroom.Actor, cmd classroom.Command) {
		t.Helper()
		p.now = p.now.Add(time.Second)
		p.do(by, cmd)
	}
	op := pastOperator
	regions := roster.Regions()
	var people []classroom.Person
	var spans []attend.Span
	who := func(i int) classroom.Actor {
		id := fmt.Sprint("p", i)
		return classroom.Actor{Role: classroom.RoleParticipant, Person: classroom.PersonID(id), Session: classroom.SessionID("s" + id)}
	}
	do(op, classroom.SetPhase{To: classroom.Live})
	from := p.now.UnixMilli()
	for i := range 300 {
		one := classroom.Person{ID: who(i).Person, NIP: fmt.Sprintf("1990010120150%05d", 31000+i), Name: fmt.Sprintf("Nama Panjang Peserta Nomor %d", i), Unit: fmt.Sprint("Dinas ", i%37), Region: regions[(i*i/7)%len(regions)].Code, Verified: true}
		people = append(people, one)
		come, stay := int64(i%40)*30_000, int64(4_000_000+(i*7919)%3_000_000)
		if i%9 == 0 {
			stay = 1_500_000
		}
		for _, class := range []attend.Class{attend.Socket, attend.Delivered} {
			spans = append(spans, attend.Span{Person: string(one.ID), Session: "s" + string(one.ID), Class: class, From: from + come, To: min(from+come+stay, from+7_200_000)})
		}
	}
	p.must(p.st.SavePeople(t.Context(), people))
	p.must(p.st.SaveSpans(t.Context(), p.ev.ID, spans))
	for i, title := range []string{"Indonesia Raya", "Sambutan", "Kuliah umum", "Tanya jawab"} {
		do(op, classroom.PutCue{Cue: classroom.Cue{Title: title, Minutes: 5 + 10*i}})
	}
	for _, c := range p.room.Rundown().Cues {
		do(op, classroom.StartCue{Cue: c.ID, From: p.room.Rundown().Now})
		p.now = p.now.Add(12 * time.Minute)
	}
	for i := range 30 {
		do(who(i), classroom.Ask{Text: fmt.Sprintf("Pertanyaan %d: bagaimana %s memastikan pelatihan ASN menjangkau kecamatan yang jaringannya terbatas, dan kapan dimulai? %s", i+1, roster.RegionName(people[i].Region), markup)})
		id := classroom.QuestionID(fmt.Sprint("q", i+1))
		do(op, classroom.Approve{Question: id})
		for v := range i {
			do(who(40+v), classroom.Support{Question: id, On: true})
		}
		switch i % 3 {
		case 0:
			do(op, classroom.Answer{Question: id})
		case 1:
			do(op, classroom.Answer{Question: id, Text: "Dijadwalkan triwulan pertama tahun depan; rinciannya dikirim melalui surat edaran Kepala BPSDM."})
		}
	}
	for i, spec := range []poll.Spec{
		{Kind: poll.Single, Text: "Apakah materi hari ini jelas?", Options: []string{"Sangat jelas", "Cukup jelas", "Belum jelas"}},
		{Kind: poll.Text, Text: "Satu kata untuk hari ini", Anonymous: true},
		{Kind: poll.Single, Text: "Berapa JP paling sedikit setahun?", Options: []string{"10", "20"}, Right: 2, Set: poll.Pre},
		{Kind: poll.Single, Text: "Berapa JP paling sedikit setahun, menurut materi?", Options: []string{"10", "20"}, Right: 2, Set: poll.Post},
	} {
		id := classroom.PollID(fmt.Sprint("j", i+1))
		do(op, classroom.MakePoll{Spec: spec})
		do(op, classroom.TurnPoll{Poll: id, To: poll.Open})
		for v := range 60 {
			a := poll.Answer{Pick: 1 << ((v + i) % 2)}
			if spec.Kind == poll.Text {
				a = poll.Answer{Text: fmt.Sprint("Kata ", v%17)}
			}
			do(who(v), classroom.AnswerPoll{Poll: id, Answer: a})
		}
	}
	do(op, classroom.PutNote{Kind: notes.Decision, Text: "Diklat daring diadakan dua kali setahun"})
	for i := range 40 {
		a := survey.Answer{Good: "Suara jernih, materi mudah diikuti " + fmt.Sprint(i)}
		for k := range survey.Items {
			a.Values = append(a.Values, 3+(i+k)%3)
		}
		if i%4 != 0 {
			a.Good = ""
		}
		p.must(p.st.SaveSurvey(t.Context(), p.ev.ID, fmt.Sprint("w", i), a))
	}
	p.end()
	return dir
}

// TestSummaryPage: the summary of a full lecture says the numbers that went in, as text whatever people wrote, and every file comes.
func TestSummaryPage(t *testing.T) {
	t.Parallel()
	needTime(t)
	needBrowser(t)
	s := startServer(t, func(s *server) { s.dir = lectureOver(t) })
	link := strings.TrimSpace(s.betang("token", "--data", s.dir, "--url", "http://"+s.addr, "--role", "bpsdm"))
	page := startBrowser(t, "", "").open("summary", strings.Replace(link, "/bpsdm#", "/bpsdm/ringkasan/kuliah#", 1))
	page.see("sum-people", "300")
	page.see("sum-answered", "20")
	page.see("survey-results", "40 jawaban")
	if n := eval[int](page, `document.querySelectorAll('[data-testid="sum-regions"] li').length`); n != 14 {
		t.Errorf("%d regencies, want 14", n)
	}
	if title := eval[string](page, `document.title`); title == "pecah" || eval[bool](page, `!!document.querySelector('#main img, #main b')`) {
		t.Error("a question was taken for HTML")
	}
	for _, file := range eval[[]string](page, `[...document.querySelectorAll('[data-testid^="file-"]')].map(e => e.dataset.testid)`) {
		page.click(file)
		page.until(10*time.Second, file+" is downloaded", `(e => e && (e.querySelector('button')?.click(), true))(document.querySelector('[data-testid="toast-good"]'))`)
		page.until(10*time.Second, "the notice is gone", `!document.querySelector('[data-testid="toast-good"]')`)
	}
	page.shots("summary full")
	page.axe()
	page.size(360, 5200)
	page.screenshot("summary tall 360")
	page.axe()
	page.size(1280, 4200)
	page.screenshot("summary tall 1280")
}

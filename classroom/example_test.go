package classroom_test

import (
	"fmt"
	"time"

	"betang/classroom"
	"betang/classroom/attend"
)

// A lecture with a pause, and what an auditor makes of its facts and of one person's evidence.
func Example() {
	start := time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC) // 09.00 WIB
	event := classroom.Event{
		ID: "kuliah", Kind: classroom.Lecture, Title: "Kuliah umum", StartsAt: start, EndsAt: start.Add(2 * time.Hour),
		Policy: attend.DefaultPolicy(),
	}
	room := classroom.NewRoom(event)
	speaker := classroom.Actor{Role: classroom.RoleSpeaker, Session: "s1", Link: "link-1", Name: "Gubernur"}
	operator := classroom.Actor{Role: classroom.RoleOperator, Session: "s2"}

	var journal []classroom.Fact
	apply := func(minute int, by classroom.Actor, cmd classroom.Command) {
		facts, err := room.Apply(start.Add(time.Duration(minute)*time.Minute), by, cmd)
		if err != nil {
			fmt.Println(err)
		}
		journal = append(journal, facts...)
	}
	camera := classroom.Source{ID: "cam", Kind: classroom.Camera, Owner: "link-1", Label: "Gubernur"}
	apply(0, speaker, classroom.EnterStage{Source: camera})
	apply(60, operator, classroom.SetPhase{To: classroom.Paused})
	apply(70, operator, classroom.SetPhase{To: classroom.Live})
	apply(100, operator, classroom.SetPhase{To: classroom.Ended})
	apply(101, speaker, classroom.EnterStage{Source: camera})

	again, err := classroom.Replay(event, journal)
	if err != nil {
		fmt.Println(err)
		return
	}
	from := start.UnixMilli()
	spans := []attend.Span{ // from 09.10 to 10.40, on one phone
		{Person: "p1", Session: "s3", Class: attend.Delivered, From: from + 10*60_000, To: from + 100*60_000},
	}
	r := attend.Credit(event.Policy, again.Held(start), spans)
	fmt.Printf("%d facts, %s, live %d min; present %d min, %d %%, %d JP\n",
		len(journal), again.Phase(), r.LiveSeconds/60, r.Seconds/60, r.Percent, r.JP)
	// Output:
	// Conflict event_ended
	// 7 facts, ended, live 90 min; present 80 min, 88 %, 2 JP
}

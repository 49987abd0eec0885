package classroom

import (
	"bytes"
	"fmt"
	"maps"
	"slices"
	"testing"
)

// The whole table, as people read it. Who changes what a role may do sees it here.
func TestPolicyTable(t *testing.T) {
	var b bytes.Buffer
	fmt.Fprintf(&b, "%-18s", "")
	for _, r := range Roles() {
		fmt.Fprintf(&b, " %-11s", r)
	}
	b.WriteByte('\n')
	for _, name := range slices.Sorted(maps.Keys(policy)) {
		fmt.Fprintf(&b, "%-18s", name)
		for _, r := range Roles() {
			mark := "."
			switch {
			case May(r, name):
				mark = "yes"
			case MayIn(Class, r, name):
				mark = "in a class"
			}
			fmt.Fprintf(&b, " %-11s", mark)
		}
		b.WriteByte('\n')
	}
	golden(t, "policy.golden", b.Bytes())
}

// commands are all commands there are.
var commands = []Command{
	SetPhase{},
	EnterStage{},
	LeaveStage{},
	SetScene{},
	SetBackup{},
	SetTakeover{},
	TakeOver{},
	TakeOverDue{},
	NoteSilent{},
	Ask{},
	Support{},
	Approve{},
	Merge{},
	Reject{},
	Show{},
	Answer{},
	Admit{},
	RaiseHand{},
	LowerHand{},
	Invite{},
	HoldSource{},
	Place{},
	Announce{},
	PutCue{},
	MoveCue{},
	DropCue{},
	StartCue{},
	UndoCue{},
	SetGate{},
	Ban{},
	Unban{},
	OpenHall{},
	ReopenHall{},
	CloseHall{},
	ScanHall{},
	MarkHall{},
	StrikeMark{},
	Contest{},
	Decide{},
	Correct{},
	SetPolicy{},
	VoidList{},
	RatifyList{},
	MakePoll{},
	TurnPoll{},
	ShowPoll{},
	AnswerPoll{},
	SetChat{},
	Say{},
	Unsay{},
	Promote{},
	Caption{},
	PutNote{},
	DropNote{},
	SetClass{},
	GrantShare{},
	Quiet{},
	CallOn{},
	Speak{},
	MakeRooms{},
	PutInRoom{},
	OpenRooms{},
	CloseRooms{},
	GoToRoom{},
	CallHelp{},
}

func TestPolicyIsAskedForEveryCommand(t *testing.T) {
	for _, c := range commands {
		if policy[c.commandName()] == nil {
			t.Errorf("%s is not in the table", c.commandName())
		}
		for _, role := range append(Roles(), "", "governor") {
			h := newHall(t)
			_, err := h.room.Apply(h.now, Actor{Role: role, Person: "p", Session: "s"}, c)
			e, _ := err.(*Error) //nolint:errorlint // refusals are never wrapped
			refused := e != nil && e.Kind == NotAllowed && e.Code == "role"
			if refused == May(role, c.commandName()) {
				t.Errorf("%s by %q: %v", c.commandName(), role, err)
			}
		}
	}
}

func TestPolicyKnowsNobodyElse(t *testing.T) {
	for name, roles := range policy {
		for i, r := range roles {
			if !slices.Contains(Roles(), r) || slices.Contains(roles[:i], r) {
				t.Errorf("%s: %q", name, r)
			}
		}
		if May("", name) || May("governor", name) {
			t.Errorf("anybody may %s", name)
		}
	}
	if May(RoleOperator, "") || May(RoleOperator, "anything") {
		t.Error("an operator may what is not in the table")
	}
	if got := Permissions(Lecture, RolePlayer); !slices.Equal(got, []string{"admit", "event.read", "watch", "whep"}) {
		t.Errorf("a player may %v", got)
	}
	if Permissions(Class, "governor") != nil {
		t.Error("an unknown role may something")
	}
}

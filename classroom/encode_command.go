package classroom

import (
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
)

// commandJSON is a command on its way from one node to another of the same version: it is never kept.
type commandJSON struct {
	Name string          `json:"name"`
	By   actorJSON       `json:"by"`
	Body json.RawMessage `json:"body"`
}

// commandTypes are the commands that exist, by name.
var commandTypes = func() map[string]reflect.Type {
	types := map[string]reflect.Type{}
	for _, c := range []Command{
		SetPhase{},
		EnterStage{},
		LeaveStage{},
		SetScene{},
		HoldSource{},
		Place{},
		SetGate{},
		Announce{},
		Ask{},
		Support{},
		Approve{},
		Merge{},
		Reject{},
		Show{},
		Answer{},
		Admit{},
		RecordCheck{},
		MakePoll{},
		TurnPoll{},
		ShowPoll{},
		AnswerPoll{},
		PutCue{},
		MoveCue{},
		DropCue{},
		StartCue{},
		UndoCue{},
		JudgeFlag{},
		Caption{},
		PutNote{},
		DropNote{},
		RaiseHand{},
		LowerHand{},
		Invite{},
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
		SetChat{},
		Say{},
		Unsay{},
		Promote{},
		SetBackup{},
		SetTakeover{},
		TakeOver{},
		TakeOverDue{},
		NoteSilent{},
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
		AddDeck{},
		DropDeck{},
		ShareDeck{},
		ShowPage{},
	} {
		types[c.commandName()] = reflect.TypeOf(c)
	}
	return types
}()

// ErrCommand is in the chain of errors about a command that cannot be carried.
var ErrCommand = errors.New("unknown command")

// EncodeCommand gives a command and who gives it as JSON.
func EncodeCommand(by Actor, cmd Command) ([]byte, error) {
	if cmd == nil || commandTypes[cmd.commandName()] != reflect.TypeOf(cmd) {
		return nil, fmt.Errorf("encode %T: %w", cmd, ErrCommand)
	}
	if !utf8Inside(reflect.ValueOf(by)) {
		return nil, errors.New("encode command: text that is not UTF-8")
	}
	body, err := compactJSON(cmd)
	if err != nil {
		return nil, fmt.Errorf("encode %T: %w", cmd, err)
	}
	return compactJSON(commandJSON{cmd.commandName(), actorJSON(by), body})
}

// DecodeCommand reads what EncodeCommand wrote.
func DecodeCommand(data []byte) (Actor, Command, error) {
	var j commandJSON
	if err := strictJSON(data, &j); err != nil {
		return Actor{}, nil, fmt.Errorf("decode command: %w", err)
	}
	t, ok := commandTypes[j.Name]
	if !ok {
		return Actor{}, nil, fmt.Errorf("decode %q: %w", j.Name, ErrCommand)
	}
	body := reflect.New(t)
	if err := strictJSON(j.Body, body.Interface()); err != nil {
		return Actor{}, nil, fmt.Errorf("decode %s: %w", j.Name, err)
	}
	return Actor(j.By), body.Elem().Interface().(Command), nil
}

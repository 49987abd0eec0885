package cluster

import (
	"context"
	"encoding/json"
	"errors"
	"time"

	"betang/classroom"
	"betang/signaling"
)

// Some commands say what happened to a person here, and nobody could say it again later: that a session was let in, that
// "Masih menyimak?" was answered or missed. When the home cannot be reached, they wait in this node's store, in order. Each
// changes nothing when it comes twice.

// keptMost is how many are delivered at once.
const keptMost = 200

// Keep is signaling.Place's.
func (p *place) Keep(ctx context.Context, asked signaling.Asked) error {
	item, err := classroom.EncodeCommand(asked.By, asked.Cmd)
	if err != nil {
		return err
	}
	return p.m.cfg.Shelf.KeepCommand(ctx, p.id, item)
}

// deliver brings what waits to the home, which may be this node.
func (p *place) deliver(ctx context.Context) error {
	for {
		commands, upTo, err := p.m.cfg.Shelf.Kept(ctx, p.id, keptMost)
		if err != nil || len(commands) == 0 {
			return err
		}
		asked := make([]signaling.Asked, 0, len(commands))
		for _, item := range commands {
			by, cmd, err := classroom.DecodeCommand(json.RawMessage(item))
			if err != nil { // of another version of this program
				p.log.Error("a command that waited cannot be read", "err", err)
				continue
			}
			asked = append(asked, signaling.Asked{By: by, Cmd: cmd})
		}
		outcomes, err := p.askHome(ctx, asked)
		if errors.Is(err, signaling.ErrNoHome) {
			return nil
		}
		if err != nil {
			return err
		}
		for _, o := range outcomes {
			if classroom.Passing(o.Err) {
				return o.Err // none of them is forgotten
			}
		}
		if err := p.m.cfg.Shelf.DropKept(ctx, p.id, upTo); err != nil {
			return err
		}
		p.log.Info("what waited for the home was delivered", "commands", len(commands))
	}
}

func (p *place) askHome(ctx context.Context, asked []signaling.Asked) ([]signaling.Outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	if p.token.Load() != 0 {
		return p.seat.Ask(ctx, asked), nil
	}
	return p.Forward(ctx, asked)
}

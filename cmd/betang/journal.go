package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"

	"betang/classroom/journal"
	"betang/classroom/store"
)

// Journal groups what concerns an event's facts.
type Journal struct {
	Print JournalPrint `cmd:"" default:"withargs" help:"Print the facts of an event, one a line, as they are chained."`
	Aside JournalAside `cmd:"" help:"Set an event's facts aside and take those of the other servers at the next start. The server must be stopped."`
}

// JournalPrint prints them.
type JournalPrint struct {
	Data
	Event string `required:"" help:"Event id, like demo."`
	Aside bool   `help:"Print what was set aside instead."`
}

// JournalAside sets them aside.
type JournalAside struct {
	Data
	Event string `required:"" help:"Event id, like demo."`
}

// Run prints a line of JSON for each fact: its hash, that of the fact before, and the fact as it was hashed. It fails after
// all are printed if they are not as they were chained.
func (c *JournalPrint) Run(ctx context.Context, stdout io.Writer) error {
	st, event, err := c.withEvent(ctx, store.OpenReadOnly, c.Event)
	if err != nil {
		return err
	}
	defer st.Close()
	var piles [][]journal.Entry
	if c.Aside {
		if piles, err = st.Aside(ctx, event); err != nil {
			return err
		}
	} else {
		entries, err := st.Entries(ctx, event)
		if err != nil {
			return err
		}
		piles = append(piles, entries)
	}
	out := bufio.NewWriter(stdout)
	var touched error
	for i, pile := range piles {
		chain := journal.NewChain(c.Event)
		for _, e := range pile {
			if err := chain.Check(e); err != nil && touched == nil {
				touched = err
			}
			line, err := json.Marshal(map[string]any{
				"pile": i + 1, "seq": e.Seq, "prev": hex.EncodeToString(e.Prev[:]), "hash": hex.EncodeToString(e.Hash[:]), "fact": json.RawMessage(e.Body),
			})
			if err != nil {
				return err
			}
			if _, err := fmt.Fprintf(out, "%s\n", line); err != nil {
				return err
			}
		}
	}
	if err := out.Flush(); err != nil {
		return err
	}
	return touched
}

// Run sets aside all facts of the event. Evidence of attendance, lists and people stay.
func (c *JournalAside) Run(ctx context.Context, stdout io.Writer) error {
	unlock, err := lockFolder(c.Data.Data)
	if err != nil {
		return err
	}
	defer unlock()
	st, event, err := c.withEvent(ctx, store.Open, c.Event)
	if err != nil {
		return err
	}
	defer st.Close()
	n, err := st.SetAside(ctx, event)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(stdout, "%d facts of %s are set aside; `betang journal print --aside --event %s` prints them. The server takes the others' at its next start.\n", n, c.Event, c.Event)
	return err
}

package main

import (
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"betang/classroom"
	"betang/classroom/ratify"
	"betang/classroom/store"
)

// signingSecret names the seed of the key that lists are signed with.
const signingSecret = "attendance-signing"

// ratifyDesk is the desk of a data folder. The Ed25519 key is made at the first start and kept.
func ratifyDesk(ctx context.Context, st *store.Store) (*ratify.Desk, error) {
	seed, err := st.Secret(ctx, signingSecret, ed25519.SeedSize)
	if err != nil {
		return nil, err
	}
	desk := ratify.New(st, ed25519.NewKeyFromSeed(seed))
	page, err := st.Secret(ctx, "verify", sha256.Size)
	if err != nil {
		return nil, err
	}
	before, err := st.EarlierSecrets(ctx, "verify")
	if err != nil {
		return nil, err
	}
	desk.SharePages(append([][]byte{page}, before...)...)
	return desk, nil
}

// settleDrafts makes lists of the documents that the journal named while no server was there to see it.
func settleDrafts(ctx context.Context, st *store.Store, desk *ratify.Desk) error {
	events, err := st.EventsWithDrafts(ctx)
	for _, id := range events {
		err = errors.Join(err, desk.Settle(ctx, id))
	}
	return err
}

// Run prints the public key.
func (c *Key) Run(ctx context.Context, stdout io.Writer) error {
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	if c.Node {
		key, err := nodeKey(ctx, st)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(stdout, "%x\n", []byte(key.Public().(ed25519.PublicKey)))
		return err
	}
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(stdout, desk.Public())
	return err
}

// Run freezes an event's attendance, or makes a revision, as BPSDM's page does: with a fact of the event's journal.
func (c *Ratify) Run(ctx context.Context, stdout io.Writer) error {
	unlock, err := lockFolder(c.Data.Data)
	if err != nil {
		return fmt.Errorf("%w: tetapkan melalui halaman BPSDM, atau hentikan server dulu (ratify on BPSDM's page, or stop the server first)", err)
	}
	defer unlock()
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	office, err := c.office()
	if err != nil {
		return err
	}
	deed := ratify.Deed{By: c.By, Reason: c.Reason, Office: office, URL: c.URL}
	if c.Order == ratify.ByProtocol {
		deed.Order = ratify.ByProtocol
	}
	id := classroom.EventID(c.Event)
	list, err := desk.Ratify(ctx, id, deed, time.Now(), func(ctx context.Context, cmd classroom.RatifyList) error {
		return apply(ctx, st, id, classroom.Actor{Role: classroom.RoleBPSDM, Link: "betang-ratify"}, cmd)
	})
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		switch e.Code {
		case "ratify_who_why":
			return errors.New("--by and --reason must say something")
		case "event_not_ended":
			return fmt.Errorf("event %q cannot be ratified: it has not ended", c.Event)
		case "nothing_to_revise":
			return fmt.Errorf("event %q was ratified before, and a revision would say the same", c.Event)
		case "evidence_open":
			return errors.New("evidence of this event is still open: ratify 15 s after its end; after a crash, start the server once before")
		}
	}
	if err != nil {
		return eventError(c.Event, err)
	}
	fmt.Fprintf(stdout, "%s: %d orang, nomor %s, revisi %d\nsha256 %s\n", c.Event, len(list.Doc.Rows), list.Number, list.Revision, list.Hash)
	return nil
}

// Run voids a list, as BPSDM's page does: with a fact of the event's journal.
func (c *Void) Run(ctx context.Context, stdout io.Writer) error {
	unlock, err := lockFolder(c.Data.Data)
	if err != nil { // a server counts the facts by itself, and one from elsewhere would stop its event
		return fmt.Errorf("%w: batalkan melalui halaman BPSDM, atau hentikan server dulu (void it on BPSDM's page, or stop the server first)", err)
	}
	defer unlock()
	st, err := store.Open(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	desk, err := ratifyDesk(ctx, st)
	if err != nil {
		return err
	}
	id := classroom.EventID(c.Event)
	list, err := desk.ToVoid(ctx, id, c.Number)
	switch e, _ := errors.AsType[*classroom.Error](err); {
	case e != nil && e.Code == "list_superseded":
		return fmt.Errorf("nomor %s sudah diganti revisi; batalkan revisi terakhirnya (a revision took the place of number %s: void the newest one)", c.Number, c.Number)
	case e != nil && e.Code == "number_unknown":
		return fmt.Errorf("kegiatan %q tidak punya daftar nomor %s (event %q has no list number %s)", c.Event, c.Number, c.Event, c.Number)
	case err != nil:
		return err
	}
	if list.Voided != 0 {
		fmt.Fprintf(stdout, "%s: nomor %s sudah batal (is void already)\n", c.Event, list.Number)
		return nil
	}
	by := classroom.Actor{Role: classroom.RoleBPSDM, Link: "betang-void"}
	deed := classroom.VoidList{Number: list.Number, SHA256: list.Hash, Reason: strings.TrimSpace(c.Reason), Who: strings.TrimSpace(c.By)}
	err = apply(ctx, st, id, by, deed)
	if e, ok := errors.AsType[*classroom.Error](err); ok && e.Kind == classroom.Invalid {
		return fmt.Errorf("%s: --by dan --reason harus berisi, paling sedikit 3 huruf (must say something): %w", e.Code, err)
	}
	if err != nil {
		return eventError(c.Event, err)
	}
	if err := desk.Settle(ctx, id); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: nomor %s dibatalkan; halaman pemeriksaannya menampilkan BATAL, dan JP-nya tidak dihitung lagi\n", c.Event, list.Number)
	return nil
}

// apply does a command in a data folder from which no server serves. A fact that only one of several servers has would part it from the
// others.
func apply(ctx context.Context, st *store.Store, id classroom.EventID, by classroom.Actor, cmd classroom.Command) error {
	if node, err := st.SharedBy(ctx); err != nil || node != "" {
		return errors.Join(err, fmt.Errorf("server %q berbagi kegiatan dengan server lain: lakukan melalui halaman BPSDM (it shares events with others: use BPSDM's page)", node))
	}
	ev, err := st.Event(ctx, id)
	if err != nil {
		return err
	}
	facts, err := st.Facts(ctx, id, 0)
	if err != nil {
		return err
	}
	room, err := classroom.Replay(ev, facts)
	if err != nil {
		return err
	}
	if facts, err = room.Apply(time.Now(), by, cmd); err != nil {
		return err
	}
	return st.Append(ctx, id, facts)
}

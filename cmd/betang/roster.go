package main

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"betang/classroom"
	"betang/classroom/roster"
	"betang/classroom/roster/sheet"
	"betang/classroom/store"
	"betang/signaling/wire"
)

// Run takes a list in, beside a running server too.
func (c *RosterImport) Run(ctx context.Context, stdout io.Writer) error {
	data, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	st, event, err := c.withEvent(ctx, store.Open, c.Event)
	if err != nil {
		return err
	}
	defer st.Close()
	bar := progress{w: stdout}
	sheets, err := sheet.Read(data, func(done, total int64) { bar.show("membaca", done, total) })
	if err != nil {
		return said(err)
	}
	report, err := roster.Parse(sheets, time.Now())
	if err != nil {
		return said(err)
	}
	tokens, err := openTokens(ctx, st)
	if err != nil {
		return err
	}
	plan, err := roster.NewPlan(ctx, report, st, tokens.Newcomer, func(done, total int) { bar.show("mencocokkan", int64(done), int64(total)) })
	if err != nil {
		return err
	}
	if !c.Preview {
		if err := plan.Save(ctx, st, event, func(done, total int) { bar.show("menyimpan", int64(done), int64(total)) }); err != nil {
			return err
		}
		err := st.SaveImport(ctx, roster.Import{
			Event: event, Digest: sha256.Sum256(data), By: "command line", People: plan.People(), Added: plan.New, Changed: plan.Changed,
			Refused: len(plan.Problems),
		})
		if err != nil {
			return err
		}
	}
	c.tell(stdout, report, plan)
	if len(plan.Problems) == 0 || c.Problems == "" {
		return nil
	}
	return writeFile(c.Problems, func(w io.Writer) error {
		return sheet.WriteProblems(w, sheets, report.Tables, plan.Problems, sayID)
	})
}

// tell prints what became of the list. Rows are named by number: a NIP belongs on no terminal.
func (c *RosterImport) tell(w io.Writer, report roster.Report, plan *roster.Plan) {
	for _, t := range report.Tables {
		if t.Header == 0 {
			fmt.Fprintf(w, "lembar %q dilewati: judul kolom tidak ditemukan\n", t.Name)
		}
		for _, refused := range t.Refused {
			fmt.Fprintf(w, "kolom %q tidak dibaca: tidak boleh dikumpulkan\n", refused)
		}
	}
	const shown = 20
	for i, p := range plan.Problems {
		if i == shown {
			fmt.Fprintf(w, "… dan %d baris lain\n", len(plan.Problems)-shown)
			break
		}
		fmt.Fprintf(w, "baris %d: %s", p.Row, sayID(p.Code))
		if p.Other > 0 {
			fmt.Fprintf(w, " (baris %d)", p.Other)
		}
		fmt.Fprintln(w)
	}
	verb := "tersimpan"
	if c.Preview {
		verb = "terbaca (belum disimpan)"
	}
	fmt.Fprintf(w, "%d orang %s: %d baru, %d diperbarui, %d tetap; %d ganda dilewati, %d baris bermasalah\n",
		plan.People(), verb, plan.New, plan.Changed, plan.Same, report.Doubles, len(plan.Problems))
	if len(plan.Problems) > 0 && c.Problems == "" {
		fmt.Fprintln(w, "--problems FILE.xlsx menulis baris bermasalah untuk diperbaiki dan diunggah lagi")
	}
}

// Run makes personal codes and writes them, this once: the data folder keeps hashes.
func (c *RosterCodes) Run(ctx context.Context, stdout io.Writer) error {
	st, event, err := c.withEvent(ctx, store.Open, c.Event)
	if err != nil {
		return err
	}
	defer st.Close()
	people, err := st.Roster(ctx, event, c.Unit, c.Unit == "")
	if err != nil {
		return err
	}
	var ids []classroom.PersonID
	var chosen []classroom.Person
	for _, p := range people {
		if !p.Coded || c.Renew {
			ids, chosen = append(ids, p.Person.ID), append(chosen, p.Person)
		}
	}
	if len(ids) == 0 {
		return errors.New("nobody on the list needs a code; --renew replaces those given out")
	}
	codes, err := roster.GiveCodes(ctx, st, event, ids, func(b []byte) { _, _ = rand.Read(b) })
	if err != nil {
		return err
	}
	err = writeFile(c.Out, func(w io.Writer) error {
		if _, err := io.WriteString(w, "\ufeff"); err != nil {
			return err
		}
		out := csv.NewWriter(w)
		out.Comma, out.UseCRLF = ';', true
		_ = out.Write([]string{"Unit", "Nama", "NIP (disamarkan)", "Kode masuk"}) // Error below tells
		for i, p := range chosen {
			nip := ""
			if p.NIP != "" {
				nip = roster.Mask(p.NIP)
			}
			_ = out.Write([]string{p.Unit, p.FullName(), nip, codes[i].Code})
		}
		out.Flush()
		return out.Error()
	})
	if err != nil {
		return fmt.Errorf("the codes are made but not written, make them again with --renew: %w", err)
	}
	fmt.Fprintf(stdout, "%s: %d kode\n", c.Out, len(codes))
	return nil
}

// writeFile writes a file that only its owner reads, whole or not at all.
func writeFile(path string, write func(io.Writer) error) error {
	tmp, err := os.CreateTemp(filepath.Dir(path), ".betang-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	if err := errors.Join(write(tmp), tmp.Close()); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

func sayID(code string) string { return wire.Say(code, "id") }

// said turns a refusal into its sentence.
func said(err error) error {
	if e, ok := errors.AsType[*classroom.Error](err); ok {
		return errors.New(sayID(e.Code))
	}
	return err
}

// progress draws a bar on a terminal; a file gets one line a step.
type progress struct {
	w    io.Writer
	step string
	at   int64 // percent
}

func (p *progress) show(step string, done, total int64) {
	percent := int64(100)
	if total > 0 {
		percent = done * 100 / total
	}
	if step == p.step && percent == p.at {
		return
	}
	p.step, p.at = step, percent
	if f, ok := p.w.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprintf(p.w, "\r%-12s %3d %%", step, percent)
			if percent == 100 {
				fmt.Fprintln(p.w)
			}
			return
		}
	}
	if percent == 100 {
		fmt.Fprintln(p.w, step, "selesai")
	}
}

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"betang/classroom"
	"betang/classroom/export"
	"betang/classroom/ratify"
	"betang/classroom/store"
)

// Papers is what stands on official papers besides the list: all of it is the office's own.
type Papers struct {
	KopGovernment string `default:"PEMERINTAH PROVINSI KALIMANTAN TENGAH" env:"BETANG_KOP_GOVERNMENT" help:"First line of the kop."`
	KopOffice     string `default:"BADAN PENGEMBANGAN SUMBER DAYA MANUSIA" env:"BETANG_KOP_OFFICE" help:"Second line of the kop."`
	KopAddress    string `env:"BETANG_KOP_ADDRESS" help:"Address line of the kop."`
	KopEmblem     string `env:"BETANG_KOP_EMBLEM" type:"path" help:"Lambang (PNG or JPEG) left of the kop."`
	SignCity      string `default:"Palangka Raya" env:"BETANG_SIGN_CITY" help:"City in the signature block."`
	SignOffice    string `default:"Kepala Badan Pengembangan Sumber Daya Manusia" env:"BETANG_SIGN_OFFICE" help:"Jabatan of who signs."`
	SignName      string `env:"BETANG_SIGN_NAME" help:"Name with titles of who signs; without it there is a dotted line."`
	SignRank      string `env:"BETANG_SIGN_RANK" help:"Pangkat of who signs, like Pembina Utama Muda (IV/c)."`
	SignNIP       string `env:"BETANG_SIGN_NIP" help:"NIP of who signs."`
	Paper         string `default:"f4" enum:"f4,a4" env:"BETANG_PAPER" help:"Paper of PDF: f4 or a4, landscape."`
}

// office reads the settings.
func (p Papers) office() (export.Office, error) {
	o := export.Office{
		Letterhead: export.Letterhead{Government: p.KopGovernment, Office: p.KopOffice, Address: p.KopAddress},
		Signer:     export.Signer{City: p.SignCity, Office: p.SignOffice, Name: p.SignName, Rank: p.SignRank, NIP: p.SignNIP},
		Paper:      export.PaperNamed(p.Paper),
	}
	if p.KopEmblem != "" {
		img, err := os.ReadFile(p.KopEmblem)
		if err != nil {
			return o, fmt.Errorf("--kop-emblem: %w", err)
		}
		o.Letterhead.Emblem = img
	}
	return o, nil
}

// Run writes the daftar hadir to a temporary file first, so that a failure leaves what was there.
func (c *ExportAttendance) Run(ctx context.Context, stdout io.Writer) error {
	office, err := c.office()
	if err != nil {
		return err
	}
	st, err := store.OpenReadOnly(ctx, c.Data.Data)
	if err != nil {
		return err
	}
	defer st.Close()
	id := classroom.EventID(c.Event)
	desk := ratify.New(st, nil)
	sheet, err := desk.Sheet(ctx, id)
	if err != nil {
		return eventError(c.Event, err)
	}
	list, ratified, err := desk.Newest(ctx, id)
	if err != nil {
		return err
	}
	paper := export.Daftar{Sheet: sheet, Office: office, Protocol: c.Order == ratify.ByProtocol}
	if ratified {
		paper = list.Daftar(office, c.URL)
	}
	tmp, err := os.CreateTemp(filepath.Dir(c.Out), ".betang-export-*")
	if err != nil {
		return err
	}
	defer os.Remove(tmp.Name())
	switch {
	case c.Format != "signed":
		err = paper.Write(tmp, c.Format)
	case !ratified:
		err = errors.New("this event is not ratified yet: betang ratify signs it")
	default:
		_, err = tmp.Write(list.Document)
	}
	if err != nil {
		tmp.Close()
		return fmt.Errorf("write %s: %w", c.Out, err)
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), c.Out); err != nil {
		return err
	}
	fmt.Fprintf(stdout, "%s: %d orang\n", c.Out, len(sheet.Rows))
	return nil
}

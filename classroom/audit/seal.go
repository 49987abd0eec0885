package audit

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"betang/classroom"
	"betang/classroom/roster"
)

// Tables is where rows are read.
type Tables interface {
	EachRow(ctx context.Context, each func(classroom.StoredRow), unreadable func(table string, err error)) error
}

// SealFormat names this layout of seals.
const SealFormat = "betang.segel.1"

// sealContext keeps a seal's signature from meaning anything else.
const sealContext = "betang segel 1\x00"

// A seal is a text file: a line that says what it is, for every table a line with its columns, for every row of it a line with the
// sum of its key (8 bytes) and of each column (4 bytes) in hexadecimal digits, and last a line with the signature. It holds no
// data, but whoever has one can try guesses of what a row says, so it is to be kept like the data folder.
type sealHead struct {
	Format string `json:"format"`
	At     int64  `json:"at"` // Unix ms
	Key    string `json:"key"`
}

type sealTable struct {
	Table   string   `json:"table"`
	Columns []string `json:"columns"`
}

// Seal sums every column of every row as it stands. An error if a table cannot be read.
func Seal(ctx context.Context, t Tables, key ed25519.PrivateKey, at int64) ([]byte, error) {
	var b bytes.Buffer
	line := func(v any) {
		text, _ := json.Marshal(v) // strings and numbers
		b.Write(append(text, '\n'))
	}
	line(sealHead{SealFormat, at, hex.EncodeToString(key.Public().(ed25519.PublicKey))})
	last := ""
	var bad error
	err := t.EachRow(ctx, func(r classroom.StoredRow) {
		if r.Table != last {
			last = r.Table
			line(sealTable{r.Table, r.Columns})
		}
		b.WriteString(sums(r) + "\n")
	}, func(table string, err error) { bad = errors.Join(bad, fmt.Errorf("%s: %w", table, err)) })
	if err = errors.Join(err, bad); err != nil {
		return nil, err
	}
	sum := sha256.Sum256(b.Bytes())
	fmt.Fprintf(&b, "%x\n", ed25519.Sign(key, append([]byte(sealContext), sum[:]...)))
	return b.Bytes(), nil
}

const (
	keyDigits    = 16
	columnDigits = 8
)

// sums is the line of a row.
func sums(r classroom.StoredRow) string {
	h := sha256.New()
	h.Write([]byte(r.Table))
	for _, k := range r.Key {
		h.Write([]byte("\x00" + r.Values[k]))
	}
	key := h.Sum(nil)
	var b strings.Builder
	b.WriteString(hex.EncodeToString(key[:keyDigits/2]))
	for i, v := range r.Values {
		c := sha256.Sum256([]byte(r.Columns[i] + "\x00" + v + "\x00" + string(key)))
		b.WriteString(hex.EncodeToString(c[:columnDigits/2]))
	}
	return b.String()
}

// sealed is a seal as it was read.
type sealed struct {
	head   sealHead
	tables map[string][]string          // columns
	rows   map[string]map[string]string // of a table, by the sum of the key: the sums of the columns
}

func readSeal(file []byte, trust ed25519.PublicKey) (sealed, error) {
	s := sealed{tables: map[string][]string{}, rows: map[string]map[string]string{}}
	body := bytes.TrimSuffix(file, []byte("\n"))
	at := bytes.LastIndexByte(body, '\n')
	if at < 0 {
		return s, errors.New("bukan segel (not a seal)")
	}
	signature, err := hex.DecodeString(string(body[at+1:]))
	sc := bufio.NewScanner(bytes.NewReader(file[:at+1]))
	sc.Buffer(nil, 1<<20)
	if err != nil || !sc.Scan() || json.Unmarshal(sc.Bytes(), &s.head) != nil || s.head.Format != SealFormat {
		return s, errors.New("bukan segel, atau segel yang diubah (not a seal, or one that was changed)")
	}
	key, err := hex.DecodeString(s.head.Key)
	sum := sha256.Sum256(file[:at+1])
	switch {
	case err != nil || len(key) != ed25519.PublicKeySize, !ed25519.Verify(key, append([]byte(sealContext), sum[:]...), signature):
		return s, errors.New("segel diubah: tanda tangannya tidak cocok (the seal was changed: its signature does not fit)")
	case trust != nil && !trust.Equal(ed25519.PublicKey(key)):
		return s, errors.New("segel ditandatangani dengan kunci lain (the seal is signed by another key)")
	}
	var table string
	for sc.Scan() {
		text := sc.Text()
		if strings.HasPrefix(text, "{") {
			var t sealTable
			if err := json.Unmarshal([]byte(text), &t); err != nil {
				return s, err
			}
			table = t.Table
			s.tables[table], s.rows[table] = t.Columns, map[string]string{}
			continue
		}
		if table == "" || len(text) != keyDigits+columnDigits*len(s.tables[table]) {
			return s, errors.New("segel diubah (the seal was changed)")
		}
		s.rows[table][text[:keyDigits]] = text[keyDigits:]
	}
	return s, sc.Err()
}

// CheckSeal names what is not as it was when it was sealed: rows that changed, with the column, and rows that are gone. Rows that
// came since are counted in notes: a server goes on writing. An error: the seal itself cannot be used.
func CheckSeal(ctx context.Context, t Tables, file []byte, trust ed25519.PublicKey) (found, notes []Finding, err error) {
	s, err := readSeal(file, trust)
	if err != nil {
		return nil, nil, err
	}
	added := map[string]int{}
	broken := map[string]bool{}
	var order []string
	err = t.EachRow(ctx, func(r classroom.StoredRow) {
		line := sums(r)
		key, have := line[:keyDigits], line[keyDigits:]
		was, ok := s.rows[r.Table][key]
		if !ok {
			if added[r.Table]++; added[r.Table] == 1 {
				order = append(order, r.Table)
			}
			return
		}
		delete(s.rows[r.Table], key)
		if was == have {
			return
		}
		columns := s.tables[r.Table]
		for i, c := range r.Columns {
			if i >= len(columns) || columns[i] != c || was[i*columnDigits:(i+1)*columnDigits] == have[i*columnDigits:(i+1)*columnDigits] {
				continue
			}
			found = append(found, Finding{
				fmt.Sprintf("tabel %s, baris %s, kolom %s: berubah sejak disegel", r.Table, keyText(r), c),
				fmt.Sprintf("table %s, row %s, column %s: changed since it was sealed", r.Table, keyText(r), c),
			})
		}
	}, func(table string, err error) {
		broken[table] = true
		found = append(found, unreadable(table, err))
	})
	for _, table := range order {
		notes = append(notes, Finding{
			fmt.Sprintf("tabel %s: %d baris ditambahkan sejak disegel", table, added[table]),
			fmt.Sprintf("table %s: %d rows were added since it was sealed", table, added[table]),
		})
	}
	for table, rows := range s.rows {
		if len(rows) > 0 && !broken[table] {
			f := Finding{
				fmt.Sprintf("tabel %s: %d baris yang disegel tidak ada lagi, atau kuncinya berubah", table, len(rows)),
				fmt.Sprintf("table %s: %d rows that were sealed are gone, or their keys were changed", table, len(rows)),
			}
			found = append(found, f)
		}
	}
	return found, notes, err
}

// keyText is how a row is known. A NIP is not printed.
func keyText(r classroom.StoredRow) string {
	var parts []string
	for _, k := range r.Key {
		kind, digits, _ := strings.Cut(r.Values[k], ":")
		v := digits
		if b, err := hex.DecodeString(digits); err == nil && kind != "blob" {
			v = string(b)
		}
		if len(v) > 40 {
			v = v[:40] + "…"
		}
		if r.Columns[k] == "nip" {
			v = roster.Mask(v)
		}
		parts = append(parts, r.Columns[k]+"="+v)
	}
	return strings.Join(parts, " ")
}

func unreadable(table string, err error) Finding {
	return Finding{
		fmt.Sprintf("tabel %s tidak terbaca sampai akhir: %v", table, err), fmt.Sprintf("table %s cannot be read to its end: %v", table, err),
	}
}

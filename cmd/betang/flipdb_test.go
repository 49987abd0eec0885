package main

import (
	"bytes"
	"crypto/sha256"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"betang/classroom"
)

// flipped is a data folder with a ratified event, a roster, codes and a picture of a sheet, and its seal.
func flipped(t *testing.T) (file, seal []byte) {
	t.Helper()
	dir := ended(t)
	cli := func(args ...string) {
		t.Helper()
		if code, out, errs := betangCLI(t, args...); code != 0 {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, errs)
		}
	}
	cli("ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", "Berita acara 1")
	st := openStore(t, dir)
	var people []classroom.Person
	for i := range 200 {
		people = append(people, classroom.Person{ID: classroom.PersonID(fmt.Sprint("x", i)), NIP: fmt.Sprintf("199001012015031%03d", i+100), Name: fmt.Sprint("Pegawai ", i), Unit: "Dinas Pendidikan", Verified: true})
	}
	picture := bytes.Repeat([]byte("gambar lembar "), 800)
	sum := sha256.Sum256(picture)
	if err := st.SavePeople(t.Context(), people); err != nil {
		t.Fatal(err)
	}
	if err := st.SaveCode(t.Context(), "kuliah", "ABCD-EFGH", "x1"); err != nil {
		t.Fatal(err)
	}
	if err := st.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite3", filepath.Join(dir, "betang.db"))
	if err != nil {
		t.Fatal(err)
	}
	for _, q := range []string{
		`DELETE FROM nips WHERE person IN (SELECT id FROM people WHERE id LIKE 'x15%')`, `DELETE FROM people WHERE id LIKE 'x15%'`, // free room in pages
		`CREATE TABLE gone (body BLOB)`, `INSERT INTO gone VALUES (randomblob(60000))`, `DROP TABLE gone`, // free pages
	} {
		if _, err := db.ExecContext(t.Context(), q); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := db.ExecContext(t.Context(), `INSERT INTO hall_files (event, digest, hall, type, at, by, body) VALUES ('kuliah', ?, 'h1', 'image/png', 1, 'pic', ?)`, sum[:], picture); err != nil {
		t.Fatal(err)
	}
	if _, err := db.ExecContext(t.Context(), `PRAGMA wal_checkpoint(TRUNCATE)`); err != nil {
		t.Fatal(err)
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "segel")
	cli("seal", "--data", dir, "--out", path)
	cli("verify", "--data", dir, "--seal", path)
	if file, err = os.ReadFile(filepath.Join(dir, "betang.db")); err != nil {
		t.Fatal(err)
	}
	if seal, err = os.ReadFile(path); err != nil {
		t.Fatal(err)
	}
	return file, seal
}

// dump is all that a database holds, read by other means than the verifier's. An error: it cannot be read whole.
func dump(t *testing.T, path string) (string, error) {
	t.Helper()
	db, err := sql.Open("sqlite3", "file:"+path+"?mode=ro")
	if err != nil {
		return "", err
	}
	defer db.Close()
	var b strings.Builder
	var tables []string
	rows, err := db.QueryContext(t.Context(), "SELECT name, sql FROM sqlite_schema ORDER BY name")
	if err != nil {
		return "", err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		var text sql.NullString
		if err := rows.Scan(&name, &text); err != nil {
			return "", err
		}
		fmt.Fprintf(&b, "%q %q\n", name, text.String)
		if strings.HasPrefix(text.String, "CREATE TABLE") {
			tables = append(tables, name)
		}
	}
	if err := rows.Err(); err != nil {
		return "", err
	}
	for _, name := range tables {
		if err := dumpTable(t, db, name, &b); err != nil {
			return "", err
		}
	}
	return b.String(), nil
}

func dumpTable(t *testing.T, db *sql.DB, name string, b *strings.Builder) error {
	rows, err := db.QueryContext(t.Context(), `SELECT * FROM "`+name+`"`)
	if err != nil {
		return err
	}
	defer rows.Close()
	columns, err := rows.Columns()
	if err != nil {
		return err
	}
	var lines []string
	values := make([]any, len(columns))
	into := make([]any, len(columns))
	for i := range values {
		into[i] = &values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		lines = append(lines, fmt.Sprintf("%q", fmt.Sprint(values...)))
	}
	slices.Sort(lines)
	fmt.Fprintln(b, name, lines)
	return rows.Err()
}

// TestDatabaseFlips changes random bytes of the database one at a time. Each is named, or the database holds what it held, to the
// last value, and SQLite finds nothing wrong: the byte has no meaning (free pages, room left in a page, counters of the head).
func TestDatabaseFlips(t *testing.T) {
	t.Parallel()
	flips := 60
	if !testing.Short() && os.Getenv("BETANG_FLIPS") != "" {
		if _, err := fmt.Sscan(os.Getenv("BETANG_FLIPS"), &flips); err != nil {
			t.Fatal(err)
		}
	}
	file, seal := flipped(t)
	dir := t.TempDir()
	path, sealed := filepath.Join(dir, "betang.db"), filepath.Join(t.TempDir(), "segel")
	write := func(p string, b []byte) {
		t.Helper()
		if err := os.WriteFile(p, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write(sealed, seal)
	write(path, file)
	whole, err := dump(t, path)
	if err != nil {
		t.Fatal(err)
	}
	class := map[string]int{}
	rng := rand.New(rand.NewPCG(uint64(time.Now().UnixNano()), 1))
	for n := range flips {
		i := rng.IntN(len(file))
		if n < 20 {
			i = rng.IntN(4096) // the head and the schema
		}
		bad := bytes.Clone(file)
		bad[i] ^= byte(1 + rng.IntN(255))
		for _, beside := range []string{"-wal", "-shm"} {
			_ = os.Remove(path + beside)
		}
		write(path, bad)
		code, out, errs := betangCLI(t, "verify", "--data", dir, "--seal", sealed)
		now, err := dump(t, path)
		switch {
		case code == 1 && strings.Contains(out, "SQLite tidak dapat membuka"):
			class["SQLite refuses the file"]++
		case code == 1 && strings.Contains(out, "tabel ") && strings.Contains(out, "kolom "):
			class["table, row and column named"]++
		case code == 1 && strings.Contains(out, "kegiatan "):
			class["event, fact or row of a list named"]++
		case code == 1 && strings.Contains(out, "tabel "):
			class["table named"]++
		case code == 1 && strings.Contains(out, "SQLite: "):
			class["page or index named by SQLite"]++
		case code == 1:
			class["otherwise named"]++
			if out == "" {
				t.Errorf("byte %d: nothing is named: %s", i, errs)
			}
		case err == nil && now == whole:
			class["no meaning"]++
		default:
			t.Errorf("byte %d (page %d, %d in it) was not noticed, and the database holds something else: %v", i, i/4096+1, i%4096, err)
		}
	}
	t.Logf("%d bytes of %d: %v", flips, len(file), class)
	if flips >= 60 && (class["no meaning"] == 0 || len(class) < 3) {
		t.Error("the bytes tried were not of several kinds")
	}
}

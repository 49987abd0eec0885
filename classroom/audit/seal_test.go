package audit

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"testing"

	"betang/classroom"
)

// twoTables is a database of two people and an event.
type twoTables struct{}

func (twoTables) EachRow(_ context.Context, each func(classroom.StoredRow), _ func(string, error)) error {
	for _, name := range []string{"Ani", "Budi"} {
		each(classroom.StoredRow{Table: "people", Columns: []string{"id", "nip", "name"}, Key: []int{0}, Values: []string{"text:" + name, "text:31", "text:" + name}})
	}
	each(classroom.StoredRow{Table: "events", Columns: []string{"id"}, Key: []int{0}, Values: []string{"text:6b"}})
	return nil
}

// FuzzCheckSeal: anybody can sign a seal with a key of their own; whatever stands in it, it is answered, and only what was sealed is
// taken for whole.
func FuzzCheckSeal(f *testing.F) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	file, err := Seal(f.Context(), twoTables{}, key, 1)
	if err != nil {
		f.Fatal(err)
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	body := bytes.Join(lines[1:len(lines)-2], nil)
	f.Add(body)
	f.Add(body[len(lines[1]):]) // rows of no table
	f.Add([]byte("0011223344556677\n"))
	f.Add([]byte(`{"table":"people","columns":["id"]}` + "\n" + string(body)))
	f.Fuzz(func(t *testing.T, body []byte) {
		b := bytes.Join([][]byte{lines[0], body}, nil)
		if !bytes.HasSuffix(b, []byte("\n")) {
			b = append(b, '\n')
		}
		sum := sha256.Sum256(b)
		b = fmt.Appendf(b, "%x\n", ed25519.Sign(key, append([]byte(sealContext), sum[:]...)))
		found, notes, err := CheckSeal(t.Context(), twoTables{}, b, nil)
		if bytes.Equal(b, file) && (err != nil || len(found)+len(notes) > 0) {
			t.Fatalf("what was sealed is %v, %v, %v", found, notes, err)
		}
		if _, _, err := CheckSeal(t.Context(), twoTables{}, body, nil); err == nil {
			t.Fatalf("%q is taken for a seal", body)
		}
	})
}

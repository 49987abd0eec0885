package proof

import (
	"bytes"
	"crypto/ed25519"
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"betang/classroom/attend"
)

func key(n byte) ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, ed25519.SeedSize))
}

// document makes a list of n people who were there for different times.
func document(t testing.TB, n int) (Document, []byte) {
	t.Helper()
	live := attend.Window{{From: 1_000_000, To: 1_000_000 + 7_200_000}}
	m := Manifest{
		Number: "TEST-1", Event: "demo", Title: "Kuliah <umum> & \"Betang\"", Policy: attend.DefaultPolicy(),
		Live: FromWindow(live), JournalSeq: 3, Journal: strings.Repeat("ab", 32), RatifiedAt: 9_000_000, By: "BPSDM", Reason: "selesai",
	}
	rows := make([]Row, n)
	for i := range rows {
		rows[i] = Row{
			No: i + 1, Person: fmt.Sprint("p", i), Name: "Sri Wahyuni, S.Sos.", NIP: fmt.Sprintf("19900101201503%04d", i+1),
			Region: "62.71", Verified: true, Method: "nip",
			Evidence: []Evidence{
				{"s1", int(attend.Delivered), 1_000_000, 4_000_000 + int64(i)*1000, 0},
				{"s2", int(attend.Socket), 900_000, 8_000_000, 0},
			},
		}
		rows[i].Credited = Recompute(m, rows[i])
	}
	d, err := Sign(m, rows, key(1))
	if err != nil {
		t.Fatal(err)
	}
	file, err := d.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return d, file
}

func TestWhole(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 4, 5, 7, 8, 9, 33, 1000} {
		want, file := document(t, n)
		got, found := Verify(file, key(1).Public().(ed25519.PublicKey))
		if len(found) > 0 {
			t.Errorf("%d rows: %v", n, found)
		}
		if !reflect.DeepEqual(got.Manifest, want.Manifest) || len(got.Rows) != n {
			t.Errorf("%d rows: read back %+v with %d rows", n, got.Manifest, len(got.Rows))
		}
	}
}

// TestEveryByte changes each byte of a file in turn: the finding names the part, and of the rows the very one.
func TestEveryByte(t *testing.T) {
	_, file := document(t, 4)
	rng := rand.New(rand.NewPCG(1, 2))
	line := 0
	for i := range file {
		bad := bytes.Clone(file)
		bad[i] ^= byte(1 + rng.IntN(255))
		_, found := Verify(bad, nil)
		if len(found) == 0 {
			t.Fatalf("byte %d (%q for %q, line %d) was not noticed", i, bad[i], file[i], line+1)
		}
		if row := line - 2; row >= 1 && row <= 4 && file[i] != '\n' {
			named := false
			for _, f := range found {
				named = named || f.Row == row
			}
			if !named {
				t.Errorf("byte %d of row %d: %v", i, row, found)
			}
		}
		if file[i] == '\n' {
			line++
		}
	}
	for i := range file {
		if _, found := Verify(file[:i], nil); len(found) == 0 {
			t.Fatalf("cut at byte %d was not noticed", i)
		}
	}
	if _, found := Verify(append(bytes.Clone(file), 'x'), nil); len(found) == 0 {
		t.Error("an added byte was not noticed")
	}
}

// TestOneRowOnly: a change inside one row of many accuses that row and no other.
func TestOneRowOnly(t *testing.T) {
	_, file := document(t, 100)
	bad := bytes.Replace(file, []byte(`"nip":"199001012015030042"`), []byte(`"nip":"199001012015030043"`), 1)
	_, found := Verify(bad, nil)
	if len(found) != 1 || found[0].Row != 42 {
		t.Errorf("got %v", found)
	}
	lines := bytes.SplitAfter(file, []byte("\n"))
	_, found = Verify(bytes.Join(append(append([][]byte{}, lines[:10]...), lines[12:]...), nil), nil)
	if len(found) != 2 || found[0].Row != 8 || found[1].Row != 9 {
		t.Errorf("two rows left out: %v", found)
	}
}

// TestOtherKey: a list signed anew by somebody else is found by the key alone.
func TestOtherKey(t *testing.T) {
	d, _ := document(t, 5)
	d.Rows[2].NIP = "199001012015039999"
	forged, err := Sign(d.Manifest, d.Rows, key(2))
	if err != nil {
		t.Fatal(err)
	}
	file, err := forged.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, found := Verify(file, nil); len(found) > 0 {
		t.Errorf("a list of another server: %v", found)
	}
	if _, found := Verify(file, key(1).Public().(ed25519.PublicKey)); len(found) == 0 {
		t.Error("another key was not noticed")
	}
}

// TestCreditFollows: a server that signs a credit which its own evidence does not give is found out.
func TestCreditFollows(t *testing.T) {
	d, _ := document(t, 5)
	d.Rows[3].Credited.JP += 2
	lie, err := Sign(d.Manifest, d.Rows, key(1))
	if err != nil {
		t.Fatal(err)
	}
	file, err := lie.Encode()
	if err != nil {
		t.Fatal(err)
	}
	if _, found := Verify(file, nil); len(found) != 1 || found[0].Row != 4 {
		t.Errorf("got %v", found)
	}
}

func FuzzVerify(f *testing.F) {
	_, file := document(f, 3)
	f.Add(file)
	f.Add([]byte("{\"manifest\":{},\n\n\n]}\n"))
	pub := key(1).Public().(ed25519.PublicKey)
	f.Fuzz(func(t *testing.T, b []byte) {
		if _, found := Verify(b, pub); len(found) == 0 && !bytes.Equal(b, file) {
			t.Errorf("accepted %q", b)
		}
	})
}

func BenchmarkSign(b *testing.B) {
	for _, n := range []int{1_000, 10_000} {
		d, _ := document(b, n)
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				if _, err := Sign(d.Manifest, d.Rows, key(1)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

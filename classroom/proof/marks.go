package proof

import (
	"crypto/sha256"
	"encoding/hex"
	"reflect"
	"strings"
)

// Marks are short sums, one for each field that stands before them, in the order of the fields. They are signed like
// everything else, but nothing rests on them: what was touched is found by the tree and the signature, and the marks
// only tell which field it was. Whoever touches a field and its mark is found out all the same, by the row.

const markSize = 4 // bytes

// marks sums the fields of a struct up to Marks.
func marks(v any) []string {
	var out []string
	each(v, func(name string, value []byte) {
		h := sha256.Sum256(append([]byte(name+"\x00"), value...))
		out = append(out, hex.EncodeToString(h[:markSize]))
	})
	return out
}

// changed names the fields whose marks do not fit. If the marks themselves were touched, they are named.
func changed(v any, have []string) []string {
	if len(have) == 0 {
		return nil // from before there were marks
	}
	want := marks(v)
	if len(want) != len(have) {
		return []string{"marks"}
	}
	var out []string
	i := 0
	each(v, func(name string, _ []byte) {
		if want[i] != have[i] {
			out = append(out, name)
		}
		i++
	})
	return out
}

// each goes through the fields of a struct up to Marks, with their JSON. Inside a person's credit it goes one by one. A field
// tagged "late" came when there were marks already, and has one only if it says something.
func each(v any, do func(name string, value []byte)) {
	t, val := reflect.TypeOf(v), reflect.ValueOf(v)
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Name == "Marks" {
			return
		}
		if f.Tag.Get("marks") == "late" && val.Field(i).IsZero() {
			continue
		}
		name := jsonName(f)
		if c, ok := val.Field(i).Interface().(Credited); ok {
			each(c, func(inner string, value []byte) { do(name+"."+inner, value) })
			continue
		}
		b, err := encode(val.Field(i).Interface())
		if err != nil {
			b = nil // only what encode refuses altogether, and Sign refuses it too
		}
		do(name, b)
	}
}

func jsonName(f reflect.StructField) string {
	name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
	return name
}

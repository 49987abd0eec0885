package proof

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// brokenField names the field in which a line stops being what encode wrote of v's type; none, if that cannot be told.
// It goes along the line as it should be, field by field, and does not trust what it reads: a changed quotation mark
// turns everything after it inside out. after is the line that follows: if a byte was made a line break, the rest of the
// line stands there.
func brokenField(text, after []byte, v any) []string {
	w := walk{rest: slices.Concat(text, after)}
	if w.fields(reflect.TypeOf(v), ""); w.broken == "" {
		return nil // what is wrong comes after the last field
	}
	return []string{w.broken}
}

type walk struct {
	rest   []byte
	last   string // the field taken off last
	broken string // the field at fault; "" for the frame around them
}

// fields goes along an object.
func (w *walk) fields(t reflect.Type, prefix string) bool {
	for i, lead := 0, byte('{'); i < t.NumField(); i, lead = i+1, ',' {
		f, whole := w.next(t, i, lead)
		if f == t.NumField() {
			break // the others are left out
		}
		if f < 0 { // the field before ends otherwise than it should
			w.broken = w.last
			return false
		}
		i = f
		name := jsonName(t.Field(f))
		if !whole {
			if lead == ',' || w.rest[0] == lead { // else it is the brace, which is no field's
				w.broken = prefix + name
			}
			return false
		}
		w.rest = w.rest[len(`,"":`)+len(name):]
		if !w.value(t.Field(f), prefix, prefix+name) {
			return false
		}
	}
	if !bytes.HasPrefix(w.rest, []byte("}")) {
		return false
	}
	w.rest = w.rest[1:]
	return true
}

// next finds the field whose name stands next, from the i-th on over such as may be left out; whole tells that the name
// is as it should be, and not one byte of it changed. The number of fields: all others are left out. Below 0: neither.
func (w *walk) next(t reflect.Type, i int, lead byte) (field int, whole bool) {
	near := -1
	for ; i < t.NumField(); i++ {
		name, options, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		want := string(lead) + `"` + name + `":`
		if len(w.rest) >= len(want) {
			switch distance(w.rest[:len(want)], want) {
			case 0:
				return i, true
			case 1:
				if near < 0 {
					near = i
				}
			}
		}
		if options != "omitempty" {
			return near, false
		}
	}
	if near < 0 && bytes.HasPrefix(w.rest, []byte("}")) {
		return i, true
	}
	return near, false
}

func distance(have []byte, want string) (n int) {
	for i := range want {
		if have[i] != want[i] {
			n++
		}
	}
	return n
}

// value takes one field's value off, and tells whether it is one that encode writes.
func (w *walk) value(f reflect.StructField, prefix, name string) bool {
	switch f.Type {
	case reflect.TypeFor[Row]():
		return w.fields(f.Type, prefix)
	case reflect.TypeFor[Credited]():
		whole := w.fields(f.Type, name+".")
		if !whole && w.broken == "" {
			w.broken = name
		}
		return whole
	}
	n := length(w.rest)
	text, into := w.rest[:n], reflect.New(f.Type)
	err := json.Unmarshal(text, into.Interface())
	again, err2 := encode(into.Elem().Interface())
	empty := strings.HasSuffix(f.Tag.Get("json"), ",omitempty") && into.Elem().IsZero() // encode leaves it out
	if err != nil || err2 != nil || empty || !bytes.Equal(again, text) {
		w.broken = name
		return false
	}
	w.rest, w.last = w.rest[n:], name
	return true
}

// length is how long the value is that a text begins with: to the quotation mark or bracket that closes it, or up to
// what ends a number or a word.
func length(text []byte) int {
	depth, quoted := 0, false
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
			if !quoted && depth == 0 {
				return i + 1
			}
		case quoted:
		case c == '[' || c == '{':
			depth++
		case depth == 0 && (c == ']' || c == '}' || c == ','):
			return i
		case c == ']' || c == '}':
			if depth--; depth == 0 {
				return i + 1
			}
		}
	}
	return len(text)
}

package papers

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// origin is one that copies: the model of a store.
type origin struct {
	name  string
	token int64
	set   map[string]Version
}

func (o *origin) heads() []Version {
	var all []Version
	for _, v := range o.set {
		all = append(all, v)
	}
	return headsOf(all)
}

// TestMerge: origins change one thing, parted or not, and copy in any order and more than once. When all have all, all show the same;
// what was changed last by somebody who saw the rest counts; nothing that was parted from it is forgotten.
func TestMerge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		origins := []*origin{{name: "a", token: 1}, {name: "b", token: 2}, {name: "c", token: 2}}
		for _, o := range origins {
			o.set = map[string]Version{}
		}
		made := map[string]Version{}
		pick := func(what string) *origin { return rapid.SampledFrom(origins).Draw(t, what) }
		for i := range rapid.IntRange(1, 30).Draw(t, "steps") {
			if rapid.Bool().Draw(t, "change") {
				o := pick("at")
				v := Next(o.heads(), Version{
					ID: fmt.Sprint("v", i), Kind: OfPerson, Key: "p", Token: o.token, At: int64(rapid.IntRange(0, 9).Draw(t, "clock")), Source: o.name,
					Body: json.RawMessage(fmt.Sprintf(`{"name":%q}`, rapid.SampledFrom([]string{"x", "y"}).Draw(t, "name"))),
				})
				if err := v.Check(); err != nil {
					t.Fatal(err)
				}
				for _, h := range o.heads() {
					if !h.Less(v) {
						t.Fatalf("%+v is not above %+v", v, h)
					}
				}
				o.set[v.ID], made[v.ID] = v, v
				if heads := o.heads(); len(heads) != 1 || heads[0].ID != v.ID {
					t.Fatalf("who changes something sees it: %+v", heads)
				}
				continue
			}
			from, to := pick("from"), pick("to")
			for id, v := range from.set {
				if rapid.IntRange(0, 3).Draw(t, "lost") > 0 {
					to.set[id] = v
				}
			}
		}
		for _, o := range origins {
			for id, v := range made {
				o.set[id] = v
			}
		}
		want := origins[0].heads()
		if len(made) == 0 {
			return
		}
		for _, o := range origins[1:] {
			if got := o.heads(); !slices.EqualFunc(got, want, func(a, b Version) bool { return a.ID == b.ID }) {
				t.Fatalf("%s shows %+v, not %+v", o.name, got, want)
			}
		}
		for _, v := range made {
			if want[0].Less(v) {
				t.Fatalf("%+v counts, and %+v is above it", want[0], v)
			}
		}
		clash, ok := ClashOf(want)
		different := slices.ContainsFunc(want, func(v Version) bool { return !Same(v.Body, want[0].Body) })
		if ok != different || ok && clash.Counts.ID != want[0].ID {
			t.Fatalf("clash %v of %+v", ok, want)
		}
	})
}

func TestParts(t *testing.T) {
	kind, event, key, err := Paper{ID: "invited/kuliah/p/1"}.Parts()
	if err != nil || kind != KindInvited || event != "kuliah" || key != "p/1" {
		t.Errorf("%s %s %s %v", kind, event, key, err)
	}
	for _, bad := range []string{"", "hall", "hall/x", "hall/x/", "other/x/y"} {
		if _, _, _, err := (Paper{ID: bad}).Parts(); !errors.Is(err, ErrPaper) {
			t.Errorf("%q: %v", bad, err)
		}
	}
}

// headsOf are those of a set that no other takes the place of, the one that counts first.
func headsOf(set []Version) []Version {
	spent := map[string]bool{}
	for _, v := range set {
		for _, b := range v.Bases {
			spent[b] = true
		}
	}
	heads := slices.DeleteFunc(slices.Clone(set), func(v Version) bool { return spent[v.ID] })
	slices.SortFunc(heads, func(a, b Version) int {
		if a.Less(b) {
			return 1
		}
		return -1
	})
	return heads
}

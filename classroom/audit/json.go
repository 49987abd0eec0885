package audit

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"

	"betang/classroom/ratify"
)

func compareJSON(l ratify.List, want, have []byte) (found []Finding, saved bool) {
	at := firstDifference(want, have)
	w, err := tree(want)
	h, err2 := tree(have)
	if err != nil || err2 != nil {
		id, en := placeInJSON(l, want, at)
		return []Finding{{fmt.Sprintf("JSON rusak pada byte %d, %s", at+1, id), fmt.Sprintf("the JSON is damaged at byte %d, %s", at+1, en)}}, false
	}
	if found = differ(l, "", 0, w, h); len(found) > 0 {
		return found, false
	}
	id, _ := placeInJSON(l, want, at)
	return []Finding{resaved(at, id)}, true
}

func tree(file []byte) (v any, err error) {
	d := json.NewDecoder(bytes.NewReader(file))
	d.UseNumber()
	if err = d.Decode(&v); err == nil && d.More() {
		err = fmt.Errorf("more than one value")
	}
	return v, err
}

// differ names the fields in which two values differ. row is the person's, 0 outside the list of people.
func differ(l ratify.List, path string, row int, want, have any) (found []Finding) {
	switch w := want.(type) {
	case map[string]any:
		h, ok := have.(map[string]any)
		if !ok {
			break
		}
		keys := slices.Sorted(maps.Keys(w))
		for k := range h {
			if _, known := w[k]; !known {
				keys = append(keys, k)
			}
		}
		for _, k := range keys {
			a, inWant := w[k]
			b, inHave := h[k]
			if inWant && inHave {
				found = append(found, differ(l, join(path, k), row, a, b)...)
			} else {
				found = append(found, field(l, join(path, k), row, present(a, inWant), present(b, inHave)))
			}
		}
		return found
	case []any:
		h, ok := have.([]any)
		if !ok {
			break
		}
		people := path == "people"
		for i := range max(len(w), len(h)) {
			var a, b any
			if i < len(w) {
				a = w[i]
			}
			if i < len(h) {
				b = h[i]
			}
			if people {
				found = append(found, differ(l, "", i+1, a, b)...)
			} else {
				found = append(found, differ(l, join(path, strconv.Itoa(i+1)), row, a, b)...)
			}
		}
		return found
	}
	a, b := fmt.Sprint(want), fmt.Sprint(have)
	_, isObject := have.(map[string]any)
	_, isList := have.([]any)
	if a == b && !isObject && !isList && (want == nil) == (have == nil) {
		return nil
	}
	return []Finding{field(l, path, row, a, b)}
}

func present(v any, there bool) string {
	if !there {
		return ""
	}
	return fmt.Sprint(v)
}

func join(path, k string) string {
	if path == "" {
		return k
	}
	return path + "." + k
}

func field(l ratify.List, path string, row int, want, have string) Finding {
	if row > 0 && row <= len(l.Doc.Rows) && path == "" {
		return inRow(l, row, "tidak ada lagi dalam berkas", "is not in the file any more")
	}
	if path == "nip" {
		id, en := nipDifference(have, want)
		return inRow(l, row, "nip: "+id, "nip: "+en)
	}
	id := fmt.Sprintf("%s: tertulis %s, yang ditandatangani %s", path, shown(have, want), shown(want, have))
	en := fmt.Sprintf("%s: it says %s, signed was %s", path, shown(have, want), shown(want, have))
	if row > 0 {
		return inRow(l, row, id, en)
	}
	return Finding{id, en}
}

var (
	jsonNo  = regexp.MustCompile(`(?m)^   "no": (\d+),$`)
	jsonKey = regexp.MustCompile(`(?m)^ +"(\w+)"`)
)

// placeInJSON names the person and the field in which a byte of the file stands as it should be.
func placeInJSON(l ratify.List, want []byte, at int) (id, en string) {
	lineEnd := at
	for lineEnd < len(want) && want[lineEnd] != '\n' {
		lineEnd++
	}
	head := want[:min(lineEnd, len(want))]
	key := "{ }"
	if all := jsonKey.FindAllSubmatch(head, -1); len(all) > 0 {
		key = string(all[len(all)-1][1])
	}
	from, sums := bytes.Index(want, []byte("\n \"people\": [")), bytes.Index(want, []byte("\n \"sums\": {"))
	if from >= 0 && at > from && (sums < 0 || at < sums) {
		n := 1 // the brace of the first person stands before its number
		if all := jsonNo.FindAllSubmatch(head, -1); len(all) > 0 {
			n, _ = strconv.Atoi(string(all[len(all)-1][1]))
		}
		who := person(l, n)
		return fmt.Sprintf("baris %d%s, bidang %s", n, who, key), fmt.Sprintf("row %d%s, field %s", n, who, key)
	}
	return "bidang " + key, "field " + key
}

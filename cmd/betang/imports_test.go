package main

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// arrow says which of our packages a package may import, each named whole, and which foreign ones never;
// a foreign name also stands for everything below it.
type arrow struct{ may, never []string }

var (
	pure   = []string{"net/http", "database/sql", "os", "github.com/pion", "github.com/gorilla", "github.com/redis", "github.com/mattn", "github.com/go-chi"}
	domain = []string{"net/http", "database/sql", "github.com/pion", "github.com/gorilla", "github.com/redis", "github.com/go-chi"}
	media  = []string{"net/http", "database/sql", "github.com/gorilla", "github.com/redis", "github.com/mattn", "github.com/go-chi"}
)

// arrows is DESIGN section 2, package by package. A package without a line here is refused, so that whoever adds
// one says where it stands.
var arrows = map[string]arrow{
	"sfu":                {may: []string{"sfu/codec", "sfu/ring", "sfu/rewrite", "sfu/loss", "sfu/layer", "sfu/bwe", "sfu/pace", "sfu/udp", "sfu/lite", "sfu/answer", "sfu/admit", "sfu/turn", "sfu/speak"}, never: media},
	"sfu/codec":          {never: pure},
	"sfu/ring":           {may: []string{"sfu/codec"}, never: pure},
	"sfu/rewrite":        {may: []string{"sfu/codec"}, never: pure},
	"sfu/loss":           {never: pure},
	"sfu/layer":          {may: []string{"sfu/codec"}, never: pure},
	"sfu/bwe":            {never: pure},
	"sfu/pace":           {never: pure},
	"sfu/admit":          {never: pure},
	"sfu/speak":          {never: pure},
	"sfu/udp":            {never: media},
	"sfu/lite":           {may: []string{"sfu/udp"}, never: media},
	"sfu/answer":         {never: media},
	"sfu/sfutest":        {may: []string{"sfu", "sfu/answer", "sfu/codec", "sfu/loss"}, never: media},
	"sfu/relay":          {may: []string{"sfu", "sfu/codec", "sfu/bwe", "sfu/layer", "sfu/relay/hop"}, never: media},
	"sfu/relay/hop":      {never: pure},
	"sfu/icetcp":         {never: append([]string{"github.com/pion"}, media...)},
	"sfu/turn":           {may: []string{"sfu/icetcp"}, never: media},
	"sfu/sfutest/impair": {never: append([]string{"github.com/pion"}, media...)},

	"signaling":                     {may: []string{"sfu", "signaling/wire", "classroom", "classroom/attend", "classroom/checks", "classroom/correction", "classroom/poll", "classroom/roster", "classroom/material", "classroom/breakout", "signaling/gallery", "signaling/alarm", "classroom/notes"}, never: []string{"database/sql", "github.com/pion", "github.com/mattn", "github.com/go-chi"}},
	"signaling/wire":                {never: pure},
	"signaling/gallery":             {never: pure},
	"signaling/alarm":               {never: pure},
	"signaling/api":                 {may: []string{"signaling", "signaling/wire", "sfu", "classroom", "classroom/attend", "classroom/halls", "classroom/roster", "classroom/roster/sheet", "classroom/export", "classroom/correction", "classroom/proof", "classroom/ratify", "classroom/material", "classroom/caption", "classroom/chat", "classroom/notes", "classroom/survey", "classroom/summary"}, never: []string{"database/sql", "github.com/pion", "github.com/mattn"}},
	"signaling/cluster":             {may: []string{"signaling", "signaling/wire", "classroom", "classroom/attend", "classroom/cosign", "classroom/material", "classroom/papers"}, never: []string{"database/sql", "github.com/pion"}},
	"signaling/cluster/clustertest": {never: []string{"database/sql", "github.com"}},

	"classroom":              {may: []string{"classroom/qa", "classroom/attend", "classroom/journal", "classroom/checks", "classroom/correction", "classroom/halls", "classroom/poll", "classroom/chat", "classroom/material", "classroom/breakout", "classroom/caption", "classroom/notes"}, never: append([]string{"github.com/mattn"}, domain...)},
	"classroom/qa":           {never: pure},
	"classroom/checks":       {never: pure},
	"classroom/material":     {never: pure},
	"classroom/halls":        {may: []string{"classroom/attend"}, never: pure},
	"classroom/attend":       {never: pure},
	"classroom/correction":   {never: pure},
	"classroom/journal":      {never: pure},
	"classroom/poll":         {never: pure},
	"classroom/chat":         {never: pure},
	"classroom/breakout":     {never: pure},
	"classroom/cosign":       {may: []string{"classroom/attend"}, never: pure},
	"classroom/papers":       {never: pure},
	"classroom/proof":        {may: []string{"classroom/attend", "classroom/cosign"}, never: pure},
	"classroom/roster":       {may: []string{"classroom"}, never: pure},
	"classroom/roster/sheet": {may: []string{"classroom", "classroom/roster"}, never: domain},
	"classroom/store":        {may: []string{"classroom", "classroom/papers", "classroom/attend", "classroom/cosign", "classroom/journal", "classroom/roster", "classroom/halls", "classroom/material", "classroom/store/query", "classroom/survey"}, never: []string{"net/http", "github.com/pion", "github.com/gorilla", "github.com/redis"}},
	"classroom/caption":      {never: pure},
	"classroom/notes":        {never: pure},
	"classroom/survey":       {never: pure},
	"classroom/summary":      {may: []string{"classroom", "classroom/attend"}, never: pure},
	"classroom/store/query":  {never: []string{"net", "github.com"}},
	"classroom/export":       {may: []string{"classroom/poll", "classroom", "classroom/attend", "classroom/roster", "classroom/notes", "classroom/survey"}, never: domain},
	"classroom/audit":        {may: []string{"classroom", "classroom/export", "classroom/proof", "classroom/ratify", "classroom/roster"}, never: domain},
	"classroom/ratify":       {may: []string{"classroom", "classroom/attend", "classroom/cosign", "classroom/export", "classroom/journal", "classroom/proof", "classroom/roster"}, never: domain},

	"static": {},

	"cmd/betang":      {may: []string{"*"}},
	"cmd/betang-load": {may: []string{"sfu", "sfu/answer", "sfu/codec", "sfu/lite", "sfu/loss", "sfu/udp", "signaling/wire"}, never: []string{"database/sql"}},
	"cmd/wiregen":     {may: []string{"signaling/wire"}},
}

// TestArrows parses the files themselves: a test that asks `go list` is served stale from the test cache.
func TestArrows(t *testing.T) {
	root := filepath.Join("..", "..")
	looked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == ".git" || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		dir, err := filepath.Rel(root, filepath.Dir(path))
		if err != nil {
			return err
		}
		rule, ok := arrows[filepath.ToSlash(dir)]
		if !ok {
			t.Errorf("%s: arrows has no line for package %s", path, dir)
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, spec := range file.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			looked++
			if ours, is := strings.CutPrefix(name, "betang/"); is {
				if !slices.Contains(rule.may, ours) && !slices.Contains(rule.may, "*") {
					t.Errorf("%s: %s may not import %s", path, dir, ours)
				}
			} else if slices.ContainsFunc(rule.never, func(p string) bool { return name == p || strings.HasPrefix(name, p+"/") }) {
				t.Errorf("%s: %s must never import %s", path, dir, name)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if looked < 100 {
		t.Fatalf("looked at %d imports only: the walk missed the code", looked)
	}
}

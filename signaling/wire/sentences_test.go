package wire

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// TestEveryCodeHasSentences reads the whole module's code for the codes it refuses with, so that nobody is ever
// shown a code.
func TestEveryCodeHasSentences(t *testing.T) {
	used := map[string]string{}
	err := filepath.WalkDir("../..", func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || d.Name() == ".git"):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(n ast.Node) bool {
			for _, code := range codesIn(n) {
				used[code] = path
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(used) < 50 {
		t.Errorf("found only %d codes in the source: the search is broken", len(used))
	}
	for code, path := range used {
		if _, ok := sentences[code]; !ok {
			t.Errorf("%s refuses with %q, which has no sentences", path, code)
		}
	}
}

// codesIn gives the codes that a node names: Refuse(kind, "code"), Code: "code" or code: "code" in a literal, and
// constants of a type Refusal.
func codesIn(n ast.Node) []string {
	var out []string
	add := func(e ast.Expr) {
		if lit, ok := e.(*ast.BasicLit); ok && lit.Kind == token.STRING {
			if s, err := strconv.Unquote(lit.Value); err == nil && s != "" {
				out = append(out, s)
			}
		}
	}
	switch n := n.(type) {
	case *ast.CallExpr:
		name := ""
		switch f := n.Fun.(type) {
		case *ast.Ident:
			name = f.Name
		case *ast.SelectorExpr:
			name = f.Sel.Name
		}
		if name == "Refuse" && len(n.Args) == 2 {
			add(n.Args[1])
		}
	case *ast.CompositeLit:
		name := ""
		switch t := n.Type.(type) {
		case *ast.Ident:
			name = t.Name
		case *ast.SelectorExpr:
			if x, ok := t.X.(*ast.Ident); ok {
				name = x.Name + "." + t.Sel.Name
			}
		}
		switch name {
		case "Error", "classroom.Error", "DecodeError", "doGoodbye":
		default:
			return nil
		}
		for _, e := range n.Elts {
			if kv, ok := e.(*ast.KeyValueExpr); ok {
				if k, ok := kv.Key.(*ast.Ident); ok && strings.EqualFold(k.Name, "code") {
					add(kv.Value)
				}
			}
		}
	case *ast.ValueSpec:
		if t, ok := n.Type.(*ast.Ident); ok && t.Name == "Refusal" {
			for _, v := range n.Values {
				add(v)
			}
		}
	case *ast.ReturnStmt: // wire/check.go returns codes bare
		for _, r := range n.Results {
			if lit, ok := r.(*ast.BasicLit); ok && checkCode.MatchString(lit.Value) {
				add(lit)
			}
		}
	}
	return out
}

var checkCode = regexp.MustCompile(`^"(message|text|sdp|id|token|source|phase)_[a-z_]+"$`)

func TestSentencesReadWell(t *testing.T) {
	for code, s := range sentences {
		if !regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`).MatchString(code) {
			t.Errorf("%q is no code", code)
		}
		for lang, text := range map[string]string{"id": s.ID, "en": s.EN} {
			if text == "" || strings.TrimSpace(text) != text || !strings.HasSuffix(text, ".") && !strings.HasSuffix(text, "…") {
				t.Errorf("%s %s: %q is no sentence", code, lang, text)
			}
			if first := []rune(text); len(first) > 0 && !unicode.IsUpper(first[0]) {
				t.Errorf("%s %s: %q begins small", code, lang, text)
			}
		}
		for _, word := range []string{"kamu", "error", "absensi"} {
			if strings.Contains(strings.ToLower(s.ID), word) {
				t.Errorf("%s: %q is not how we speak", code, word)
			}
		}
		if s.ID == s.EN {
			t.Errorf("%s: not translated", code)
		}
	}
}

func TestSayFallsBack(t *testing.T) {
	if got := Say("no_such_code", "en"); got != sentences["internal"].EN {
		t.Errorf("unknown code says %q", got)
	}
	if got := Say("nip_length", "fr"); got != sentences["nip_length"].ID {
		t.Errorf("unknown language says %q", got)
	}
}

package classroom

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
)

// TestEveryCommandIsCarried looks into the source for every type that is a command.
func TestEveryCommandIsCarried(t *testing.T) {
	files, err := filepath.Glob("*.go")
	if err != nil {
		t.Fatal(err)
	}
	known := map[string]bool{}
	for _, typ := range commandTypes {
		known[typ.Name()] = true
	}
	seen := 0
	for _, name := range files {
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		file, err := parser.ParseFile(token.NewFileSet(), name, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			f, is := d.(*ast.FuncDecl)
			if !is || f.Recv == nil || f.Name.Name != "commandName" {
				continue
			}
			seen++
			if name := f.Recv.List[0].Type.(*ast.Ident).Name; !known[name] {
				t.Errorf("commandTypes has no %s", name)
			}
		}
	}
	if seen < 30 || seen != len(commandTypes) {
		t.Fatalf("%d commands in the source, %d are carried", seen, len(commandTypes))
	}
}

// TestCommandsComeBackAsTheyWere fills every field of every command and carries it.
func TestCommandsComeBackAsTheyWere(t *testing.T) {
	by := Actor{Person: "p1", Role: RoleModerator, Session: "s1", Name: "Sri <Wahyuni>", Link: "l"}
	for name, typ := range commandTypes {
		v := reflect.New(typ).Elem()
		fill(v)
		cmd := v.Interface().(Command)
		data, err := EncodeCommand(by, cmd)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		gotBy, got, err := DecodeCommand(data)
		if err != nil || gotBy != by || !reflect.DeepEqual(got, cmd) {
			t.Errorf("%s became %+v by %+v (%v), was %+v", name, got, gotBy, err, cmd)
		}
	}
}

func fill(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString("x<&>é")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(7)
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem())
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0))
		fill(v.Index(1))
	case reflect.Struct:
		for i := range v.NumField() {
			if !v.Type().Field(i).IsExported() {
				panic("a command has a field that is not carried: " + v.Type().Name() + "." + v.Type().Field(i).Name)
			}
			fill(v.Field(i))
		}
	default:
		panic("a command holds a " + v.Kind().String())
	}
}

func FuzzDecodeCommand(f *testing.F) {
	for _, typ := range commandTypes {
		data, err := EncodeCommand(Actor{Role: RoleGuest}, reflect.New(typ).Elem().Interface().(Command))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		by, cmd, err := DecodeCommand(data)
		if err != nil {
			return
		}
		again, err := EncodeCommand(by, cmd)
		if err != nil {
			t.Fatal(err)
		}
		by2, cmd2, err := DecodeCommand(again)
		if err != nil || by2 != by || !reflect.DeepEqual(cmd2, cmd) {
			t.Fatalf("%+v became %+v (%v)", cmd, cmd2, err)
		}
	})
}

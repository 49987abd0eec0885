package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestVerifyPapers: what was handed out is checked with the signed document beside it, given, or in the data folder; void says so.
func TestVerifyPapers(t *testing.T) {
	t.Parallel()
	dir := ended(t)
	cli := func(want int, args ...string) string {
		t.Helper()
		code, out, errs := betangCLI(t, args...)
		if code != want {
			t.Fatalf("%v: exit %d: %s%s", args, code, out, errs)
		}
		return out + errs
	}
	has := func(out string, want ...string) {
		t.Helper()
		for _, s := range want {
			if !strings.Contains(out, s) {
				t.Errorf("%q is not in %q", s, out)
			}
		}
	}
	cli(0, "ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", "Berita acara 1", "--url", "https://contoh.example", "--sign-name", "Nama Kepala")
	folder := t.TempDir()
	paths := map[string]string{}
	for format, name := range map[string]string{"xlsx": "a.xlsx", "csv": "b.csv", "pdf": "c.pdf", "json": "d.json", "siasn": "e.xlsx", "signed": "kehadiran.json"} {
		paths[format] = filepath.Join(folder, name)
		// The office of today does not matter: the list keeps that of its day.
		cli(0, "export", "attendance", "--data", dir, "--event", "kuliah", "--format", format, "--out", paths[format], "--sign-name", "Orang Lain")
	}
	number := ""
	for _, format := range []string{"xlsx", "csv", "pdf", "json", "siasn"} {
		out := cli(0, "verify", paths[format])
		has(out, "ASLI: Kuliah Umum, 3 orang, nomor ", "genuine: Kuliah Umum, 3 people")
		number = strings.TrimSuffix(strings.Fields(out[strings.Index(out, "nomor "):])[1], ",")
		has(cli(0, "verify", paths[format], "--data", dir), "ASLI")
		has(cli(0, "verify", paths[format], "--signed", paths["signed"]), "ASLI")
	}

	file, err := os.ReadFile(paths["csv"])
	if err != nil {
		t.Fatal(err)
	}
	write := func(name string, b []byte) string {
		t.Helper()
		path := filepath.Join(folder, name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	edited := write("edited.csv", bytes.Replace(file, []byte(`"Nama b"`), []byte(`"Nama d"`), 1))
	has(cli(1, "verify", edited), `baris 2, Nama b (NIP 1990••••••••••••02): kolom Nama (dengan gelar): tertulis "Nama d", yang ditandatangani "Nama b"`,
		"it says", "is NOT as it was signed")
	alone := filepath.Join(t.TempDir(), "b.csv")
	if err := os.WriteFile(alone, file, 0o600); err != nil {
		t.Fatal(err)
	}
	has(cli(1, "verify", alone), "diperlukan dokumen bertanda tangan", "the signed document of this list is needed")
	forged, err := os.ReadFile(paths["signed"])
	if err != nil {
		t.Fatal(err)
	}
	bad := write("lain.json", bytes.Replace(forged, []byte(`"name":"Nama b"`), []byte(`"name":"Nama d"`), 1))
	has(cli(1, "verify", edited, "--signed", bad), "tidak dipakai: baris 2, bidang name", "diperlukan dokumen")

	void := []string{"void", "--data", dir, "--event", "kuliah", "--number", number, "--by", "Kepala BPSDM", "--reason", "Ambang keliru"}
	has(cli(1, append(void[:5:5], "--number", "AAAA", "--by", "Kepala", "--reason", "uji")...), "tidak punya daftar nomor AAAA")
	has(cli(1, append(void[:9:9], "--reason", " ")...), "--reason")
	unlock, err := lockFolder(dir)
	if err != nil {
		t.Fatal(err)
	}
	has(cli(1, void...), "batalkan melalui halaman BPSDM")
	unlock()
	has(cli(0, void...), "dibatalkan")
	has(cli(0, void...), "sudah batal")
	has(cli(0, "verify", paths["xlsx"], "--data", dir), "ASLI", "BATAL sejak", "Ambang keliru")
	has(cli(0, "verify", "--data", dir), "UTUH")
	cli(0, "ratify", "--data", dir, "--event", "kuliah", "--by", "Kepala BPSDM", "--reason", "Berita acara 2")
	has(cli(0, void...), "sudah batal")
}

// TestHelp: every command has its line.
func TestHelp(t *testing.T) {
	code, out, _ := betangCLI(t, "help")
	if code != 0 {
		t.Fatal(code)
	}
	for _, name := range []string{
		"serve", "export attendance", "token issue", "token revoke", "event add", "event list", "nodes list", "nodes drain", "nodes serve",
		"roster import", "roster codes", "ratify", "void", "verify", "seal", "key", "node-key", "version",
	} {
		at := strings.Index(out, "\n  "+name+" ")
		if at < 0 {
			t.Errorf("%s is not there", name)
			continue
		}
		if lines := strings.SplitN(out[at+1:], "\n", 3); len(lines) > 1 && strings.HasPrefix(lines[1], "      ") || len(strings.TrimSpace(lines[0])) < len(name)+10 {
			t.Errorf("%s: %q", name, lines[0])
		}
	}
}

package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"

	"betang/signaling/cluster/clustertest"
)

// process is a server that a test started from what the operator is told, word for word.
type process struct {
	t   *testing.T
	cmd *exec.Cmd
	log lockedBuffer
}

// launch starts a command in a folder and has it ended with the test, by SIGTERM, as systemd does; then it must end well.
func launch(t *testing.T, dir string, env []string, args ...string) *process {
	t.Helper()
	bin, err := buildOnce()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	p := &process{t: t, cmd: exec.CommandContext(context.WithoutCancel(t.Context()), bin, args...)}
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr = dir, &p.log, &p.log
	p.cmd.Env = append(slices.DeleteFunc(os.Environ(), func(v string) bool { return strings.HasPrefix(v, "BETANG_") }), env...)
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Signal(syscall.SIGTERM)
		if err := p.cmd.Wait(); err != nil {
			t.Errorf("%s ends with %v", strings.Join(args, " "), err)
		}
		if t.Failed() {
			t.Logf("%s:\n%s", strings.Join(args, " "), tail(p.log.String(), 40))
		}
	})
	return p
}

// serves waits until a page is there.
func (p *process) serves(client *http.Client, page string) {
	p.t.Helper()
	for end := time.Now().Add(time.Minute); ; runtimeYield() { // of a machine that others use too
		r, err := http.NewRequestWithContext(p.t.Context(), http.MethodGet, page+"/healthz", nil)
		if err != nil {
			p.t.Fatal(err)
		}
		resp, err := client.Do(r)
		if err == nil {
			_ = resp.Body.Close()
			if resp.StatusCode == http.StatusOK {
				return
			}
		}
		if time.Now().After(end) {
			p.t.Fatalf("no server at %s: %v\n%s", page, err, p.log.String())
		}
	}
}

// TestReadmeServers types what README says of two servers on one machine, with ports that are free here: both serve, and who watches
// at the edge sees what is published at the origin.
func TestReadmeServers(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts real servers")
	}
	text, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, block, _ := strings.Cut(string(text), "An origin and an edge on one machine")
	var lines [][]string
	for _, line := range strings.Split(block, "\n")[1:] {
		if command, is := strings.CutPrefix(line, "    "); is {
			lines = append(lines, strings.Fields(command))
		} else if len(lines) > 0 {
			break
		}
	}
	if len(lines) != 3 || !slices.Equal(lines[0][:2], []string{"apt-get", "install"}) {
		t.Fatalf("README's three commands are %q", lines)
	}
	redis := clustertest.NewRedis(t)
	dir := t.TempDir()
	var at []string
	for _, line := range lines[1:] {
		if line[0] != "betang" {
			t.Fatalf("not betang's: %q", line)
		}
		args := slices.Clone(line[1:])
		for i, a := range args {
			switch {
			case a == "redis://127.0.0.1:6379":
				args[i] = "redis://" + redis.Addr()
			case i > 0 && args[i-1] == "--listen":
				args[i] = freeAddr(t, "tcp")
				at = append(at, "http://"+args[i])
			}
		}
		launch(t, dir, nil, args...).serves(http.DefaultClient, at[len(at)-1])
	}
	body, err := os.ReadFile(filepath.Join(dir, "asal", "demo-links.json"))
	var links Links
	if err == nil {
		err = json.Unmarshal(body, &links)
	}
	whep, bad := url.Parse(links.WHEP.URL)
	if err != nil || bad != nil {
		t.Fatal(err, bad)
	}
	out := generate(t, time.Minute, "measure", "--viewers", "1", "--duration", "2s", "--json", "--whip", links.WHIP.URL,
		"--whip-token", links.WHIP.Token, "--whep", at[1]+whep.Path, "--whep-token", links.WHEP.Token)
	var got seen
	if err := json.Unmarshal([]byte(out[strings.Index(out, "{"):]), &got); err != nil {
		t.Fatalf("%v in %s", err, out)
	}
	if got.Joined != 1 || got.NoFrame != 0 || got.Video.Packets == 0 {
		t.Errorf("at the edge: %+v", got)
	}
}

// unit is a systemd unit as far as a server of it can be started without systemd.
type unit struct {
	env     []string // of Environment=
	files   []string // that LoadCredential= names, as they are called there
	exec    []string
	set     map[string]string // the last of each setting
	invites []string          // what its first lines say that the operator sets
}

func readUnit(t *testing.T, path, instance, credentials string) (u unit) {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	u.set = map[string]string{}
	head, _, _ := strings.Cut(string(text), "[Unit]")
	u.invites = regexp.MustCompile(`BETANG_\w+`).FindAllString(head, -1)
	fill := strings.NewReplacer("%i", instance, "%d", credentials)
	for line := range strings.Lines(string(text)) {
		name, value, is := strings.Cut(strings.TrimSpace(line), "=")
		if !is || strings.HasPrefix(name, "#") {
			continue
		}
		value = fill.Replace(value)
		u.set[name] = value
		switch name {
		case "Environment":
			u.env = append(u.env, strings.Fields(value)...)
		case "LoadCredential":
			id, _, _ := strings.Cut(value, ":")
			u.files = append(u.files, id)
		case "ExecStart":
			u.exec = strings.Fields(value)
		}
	}
	return u
}

// TestUnits: systemd knows every setting of the units, and what they start, with what they set and say that the operator sets, is an
// origin and an edge of it that know each other. A unit that ends is started again however often: the first start needs a Redis.
func TestUnits(t *testing.T) {
	t.Parallel()
	if testing.Short() {
		t.Skip("starts real servers")
	}
	const ops = "../../signaling/cluster/ops/"
	bin, err := buildOnce()
	if err != nil {
		t.Fatalf("build: %v", err)
	}
	certFile, keyFile := selfSigned(t)
	credentials := t.TempDir()
	for id, file := range map[string]string{"tls.crt": certFile, "tls.key": keyFile} {
		if err := os.Link(file, filepath.Join(credentials, id)); err != nil {
			t.Fatal(err)
		}
	}
	redis := clustertest.NewRedis(t)
	client := &http.Client{Timeout: time.Second, Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}}
	defer client.CloseIdleConnections()
	for _, c := range []struct{ file, instance string }{{"betang-origin.service", ""}, {"betang-edge@.service", "kotim-1"}} {
		verifyUnit(t, bin, ops+c.file, c.instance)
		u := readUnit(t, ops+c.file, c.instance, credentials)
		if u.set["Restart"] != "always" || u.set["StartLimitIntervalSec"] != "0" {
			t.Errorf("%s gives up: Restart=%s StartLimitIntervalSec=%s", c.file, u.set["Restart"], u.set["StartLimitIntervalSec"])
		}
		if !slices.Equal(u.files, []string{"tls.crt", "tls.key"}) {
			t.Errorf("%s loads %v", c.file, u.files)
		}
		known := envNames(reflect.TypeFor[Serve]())
		for _, v := range append(u.invites, u.env...) {
			if name, _, _ := strings.Cut(v, "="); !slices.Contains(known, name) {
				t.Errorf("%s: betang knows no %s", c.file, name)
			}
		}
		addr := freeAddr(t, "tcp")
		operator := map[string]string{
			"BETANG_REDIS": redis.URL(), "BETANG_URL": "https://" + addr, "BETANG_PROXY": "10.62.0.0/16", "BETANG_REGION": "62.02",
		}
		env := u.env
		for _, name := range u.invites { // a later one wins, as the file of the unit does
			if operator[name] == "" {
				t.Errorf("%s asks for %s", c.file, name)
			}
			env = append(env, name+"="+operator[name])
		}
		env = append(env, "BETANG_LISTEN="+addr, "BETANG_DATA="+t.TempDir()) // this machine's
		if filepath.Base(u.exec[0]) != "betang" {
			t.Fatalf("%s starts %q", c.file, u.exec)
		}
		launch(t, t.TempDir(), env, u.exec[1:]...).serves(client, "https://"+addr)
	}
	list := (&server{t: t, bin: bin}).betang("nodes", "--redis", redis.URL())
	for _, row := range []string{`(?m)^asal +origin +62\.71 +https://`, `(?m)^kotim-1 +edge +62\.02 +https://`} {
		if !regexp.MustCompile(row).MatchString(list) {
			t.Errorf("betang nodes lists no %s:\n%s", row, list)
		}
	}
}

// verifyUnit asks systemd about a unit, with a program in it that this machine has. A machine without systemd has nobody to ask.
func verifyUnit(t *testing.T, bin, path, instance string) {
	t.Helper()
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Log("no systemd-analyze here")
		return
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), strings.Replace(filepath.Base(path), "@", "@"+instance, 1))
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("/usr/local/bin/betang"), []byte(bin)), 0o600); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), analyze, "verify", "--man=no", file).CombinedOutput(); err != nil || len(out) > 0 {
		t.Errorf("systemd of %s: %v\n%s", filepath.Base(path), err, out)
	}
}

// envNames are the variables that a command reads, by its flags.
func envNames(command reflect.Type) (names []string) {
	for i := range command.NumField() {
		f := command.Field(i)
		if f.Anonymous {
			names = append(names, envNames(f.Type)...)
		} else if name := f.Tag.Get("env"); name != "" {
			names = append(names, name)
		}
	}
	return names
}

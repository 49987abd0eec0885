package store

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"betang/classroom"
	"betang/classroom/attend"
)

// childDir is the environment variable that turns the test binary into the process to be killed.
const childDir = "BETANG_STORE_CHILD"

const childEvents = 4

func TestMain(m *testing.M) {
	if dir := os.Getenv(childDir); dir != "" {
		fmt.Fprintln(os.Stderr, writeForever(dir))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// writeForever appends facts and evidence from several goroutines, and says a line after each acknowledgement.
func writeForever(dir string) error {
	ctx := context.Background()
	s, err := Open(ctx, dir)
	if err != nil {
		return err
	}
	errs := make(chan error)
	for i := range childEvents {
		id := classroom.EventID(fmt.Sprint("e", i))
		if err := s.SaveEvent(ctx, demoEvent(id)); err != nil {
			return err
		}
		go func() {
			for seq := int64(1); ; seq++ {
				if err := s.Append(ctx, id, asked(seq, 1)); err != nil {
					errs <- err
				}
				fmt.Printf("fact %d %d\n", i, seq)
			}
		}()
		go func() {
			for to := int64(1); ; to++ {
				var spans []attend.Span
				for p := range 50 {
					spans = append(spans, attend.Span{Person: fmt.Sprint("p", p), Session: "s", Class: attend.Delivered, To: to, Open: true})
				}
				if err := s.SaveSpans(ctx, id, spans); err != nil {
					errs <- err
				}
				fmt.Printf("span %d %d\n", i, to)
			}
		}()
	}
	return <-errs
}

// acknowledged is what the child said was on disk.
type acknowledged struct{ facts, spans [childEvents]int64 }

// TestKilled kills a process with SIGKILL while it writes, and holds it to every word: what it acknowledged is there,
// whole and in order.
func TestKilled(t *testing.T) {
	for round := range 3 {
		dir := t.TempDir()
		said := kill(t, dir, 150*(round+1))

		// Beside nothing: the files as the dead process left them, WAL included.
		ro, err := OpenReadOnly(t.Context(), dir)
		must(t, err)
		check(t, ro, said)
		must(t, ro.Close())

		// Copied elsewhere without the shared-memory file, as a rescuer would.
		rescue := t.TempDir()
		for _, name := range []string{fileName, fileName + "-wal"} {
			data, err := os.ReadFile(filepath.Join(dir, name))
			must(t, err)
			must(t, os.WriteFile(filepath.Join(rescue, name), data, 0o600))
		}
		ro, err = OpenReadOnly(t.Context(), rescue)
		must(t, err)
		check(t, ro, said)
		must(t, ro.Close())

		// A new server on them.
		s, err := Open(t.Context(), dir)
		must(t, err)
		check(t, s, said)
		if n, err := s.CloseSpans(t.Context()); err != nil || n == 0 {
			t.Errorf("closed %d spans, %v", n, err)
		}
		for i := range childEvents {
			id := classroom.EventID(fmt.Sprint("e", i))
			facts, err := s.Facts(t.Context(), id, 0)
			must(t, err)
			must(t, s.Append(t.Context(), id, asked(int64(len(facts))+1, 2)))
			must(t, s.Verify(t.Context(), id))
		}
		must(t, s.Close())
	}
}

// kill runs a child on dir and kills it after it acknowledged so many writes.
func kill(t *testing.T, dir string, after int) acknowledged {
	t.Helper()
	child := exec.CommandContext(t.Context(), os.Args[0])
	child.Env = append(os.Environ(), childDir+"="+dir)
	child.Stderr = os.Stderr
	out, err := child.StdoutPipe()
	must(t, err)
	must(t, child.Start())
	var said acknowledged
	lines := bufio.NewReader(out)
	for n := 0; ; n++ {
		line, err := lines.ReadString('\n')
		if err == io.EOF {
			break // a line that was cut off is no acknowledgement
		}
		must(t, err)
		var what string
		var event int
		var number int64
		if _, err := fmt.Sscanf(line, "%s %d %d\n", &what, &event, &number); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		switch what {
		case "fact":
			said.facts[event] = number
		case "span":
			said.spans[event] = number
		}
		if n == after {
			must(t, child.Process.Kill())
		}
	}
	if err := child.Wait(); err == nil || child.ProcessState.Success() {
		t.Fatal("the child ended by itself")
	}
	for i := range childEvents {
		if said.facts[i] == 0 {
			t.Fatalf("event %d was never written: %+v", i, said)
		}
	}
	return said
}

func check(t *testing.T, s *Store, said acknowledged) {
	t.Helper()
	for i := range childEvents {
		id := classroom.EventID(fmt.Sprint("e", i))
		must(t, s.Verify(t.Context(), id))
		facts, err := s.Facts(t.Context(), id, 0)
		must(t, err)
		// One more may have been committed than was said: death came between.
		if n := int64(len(facts)); n < said.facts[i] || n > said.facts[i]+1 {
			t.Errorf("event %d: %d facts, %d acknowledged", i, n, said.facts[i])
		}
		spans, err := s.Spans(t.Context(), id)
		must(t, err)
		for _, sp := range spans {
			if sp.To < said.spans[i] || sp.To > said.spans[i]+1 {
				t.Errorf("event %d: span to %d, %d acknowledged", i, sp.To, said.spans[i])
			}
		}
	}
}

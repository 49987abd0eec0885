package store

import (
	"context"
	"database/sql"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"betang/classroom"
	"betang/classroom/store/query"

	"github.com/mattn/go-sqlite3"
	"github.com/pressly/goose/v3"
)

//go:embed migrations/*.sql
var migrations embed.FS

// fileName is the database in the data folder; SQLite puts -wal and -shm beside it.
const fileName = "betang.db"

const busyTimeout = "10000" // ms to wait for another process: a command line tool beside the server

// Store is an open data folder. Its methods may be called from many goroutines.
type Store struct {
	reads  *sql.DB
	read   *query.Queries // prepared on reads
	writes *sql.DB        // nil: read only
	w      *writer        // nil: read only
}

// While another process makes the file or turns it to WAL, SQLite answers "locked" at once, whatever the busy timeout.
const (
	openTries = 100
	openWait  = 50 * time.Millisecond
)

// Open opens the data folder dir, makes it if need be and brings the file to this program's version. Only one
// process should serve from a folder; tools may open it besides. Errors: Internal store_failed, store_version.
func Open(ctx context.Context, dir string) (*Store, error) {
	for try := 1; ; try++ {
		s, err := openOnce(ctx, dir)
		if code, _ := sqliteCode(err); code != sqlite3.ErrBusy && code != sqlite3.ErrLocked || try == openTries {
			return s, err
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(openWait):
		}
	}
}

func openOnce(ctx context.Context, dir string) (*Store, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fail(err)
	}
	path := filepath.Join(dir, fileName)
	// SQLite would make it readable for all; -wal and -shm take over its mode.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fail(err)
	}
	if err := f.Close(); err != nil {
		return nil, fail(err)
	}
	writes, err := sql.Open("sqlite3", dsn(path, url.Values{
		"_busy_timeout": {busyTimeout}, "_foreign_keys": {"1"}, "_journal_mode": {"WAL"}, "_synchronous": {"FULL"},
		"_txlock": {"immediate"},
	}))
	if err != nil {
		return nil, fail(err)
	}
	writes.SetMaxOpenConns(1)
	if err := checkWAL(ctx, writes); err != nil {
		return nil, fail(errors.Join(err, writes.Close()))
	}
	if err := migrate(ctx, writes); err != nil {
		return nil, fail(errors.Join(err, writes.Close()))
	}
	s, err := openReads(ctx, path)
	if err != nil {
		return nil, errors.Join(err, writes.Close())
	}
	s.writes = writes
	if s.w, err = startWriter(ctx, writes); err != nil {
		return nil, fail(errors.Join(err, s.reads.Close(), writes.Close()))
	}
	return s, nil
}

// OpenReadOnly opens the data folder dir for reading, beside a running server or after its death. Everything that
// writes fails with Internal store_read_only. The folder must let SQLite make its -shm file, or have it.
func OpenReadOnly(ctx context.Context, dir string) (*Store, error) {
	path := filepath.Join(dir, fileName)
	if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
		return nil, &classroom.Error{Kind: classroom.NotFound, Code: "store_missing", Err: err}
	}
	return openReads(ctx, path)
}

func openReads(ctx context.Context, path string) (*Store, error) {
	reads, err := sql.Open("sqlite3", dsn(path, url.Values{
		"mode": {"ro"}, "_busy_timeout": {busyTimeout}, "_query_only": {"1"},
	}))
	if err != nil {
		return nil, fail(err)
	}
	n := max(4, runtime.NumCPU())
	reads.SetMaxOpenConns(n)
	reads.SetMaxIdleConns(n)
	if err := checkVersion(ctx, reads); err != nil {
		return nil, fail(errors.Join(err, reads.Close()))
	}
	q, err := query.Prepare(ctx, reads)
	if err != nil {
		return nil, fail(errors.Join(err, reads.Close()))
	}
	return &Store{reads: reads, read: q}, nil
}

// Close waits for the writes that were taken, and closes the file. Later calls fail with Internal store_closed.
func (s *Store) Close() error {
	var errs []error
	if s.w != nil {
		errs = append(errs, s.w.close())
	}
	errs = append(errs, s.read.Close(), s.reads.Close())
	if s.writes != nil {
		errs = append(errs, s.writes.Close()) // last, so that it can fold the WAL into the file
	}
	return fail(errors.Join(errs...))
}

// dsn names a file to SQLite (https://www.sqlite.org/uri.html) with the driver's settings.
func dsn(path string, settings url.Values) string {
	return "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + settings.Encode()
}

// checkWAL makes sure that the file system carries a WAL; SQLite falls back to another mode without an error.
func checkWAL(ctx context.Context, db *sql.DB) error {
	var mode string
	if err := db.QueryRowContext(ctx, "PRAGMA journal_mode").Scan(&mode); err != nil {
		return err
	}
	if mode != "wal" {
		return fmt.Errorf("journal mode is %s, not wal: the file system of the data folder lacks shared memory or locks", mode)
	}
	return nil
}

func newProvider(db *sql.DB) (*goose.Provider, error) {
	sub, err := fs.Sub(migrations, "migrations")
	if err != nil {
		return nil, err
	}
	return goose.NewProvider(goose.DialectSQLite3, db, sub, goose.WithDisableGlobalRegistry(true))
}

// migrate brings the file to the newest version. Two processes may try at once: the second waits for the first,
// fails on what is already there, and finds nothing to do when it looks again.
func migrate(ctx context.Context, db *sql.DB) error {
	var err error
	for range 3 {
		var p *goose.Provider
		if p, err = newProvider(db); err != nil {
			return err
		}
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("migrate: %w", err)
}

// checkVersion refuses a file of another version than this program's.
func checkVersion(ctx context.Context, db *sql.DB) error {
	p, err := newProvider(db)
	if err != nil {
		return err
	}
	sources := p.ListSources()
	newest := sources[len(sources)-1].Version
	var have int64
	err = db.QueryRowContext(ctx, "SELECT max(version_id) FROM goose_db_version WHERE is_applied = 1").Scan(&have)
	if err != nil {
		return err
	}
	if have != newest {
		return &classroom.Error{
			Kind: classroom.Internal, Code: "store_version",
			Err: fmt.Errorf("the file has version %d, this program %d", have, newest),
		}
	}
	return nil
}

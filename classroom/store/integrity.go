package store

import (
	"context"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"betang/classroom"
)

// LogFile is the write-ahead log of a data folder.
func LogFile(dir string) string { return filepath.Join(dir, fileName+"-wal") }

// Integrity asks SQLite what is wrong with the file: pages that cannot be read or lie where they should not, rows out of order, rows
// that break a rule or refer to nothing, indexes that do not fit. None: nothing that SQLite knows of.
func (s *Store) Integrity(ctx context.Context) ([]string, error) {
	var found []string
	trees, err := s.trees(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.reads.QueryContext(ctx, "PRAGMA integrity_check(100)")
	if err != nil {
		return nil, fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			return nil, fail(err)
		}
		for line := range strings.Lines(text) {
			if line = strings.TrimSpace(line); line != "ok" && line != "" && !strings.HasPrefix(line, "***") {
				found = append(found, treeName.ReplaceAllStringFunc(line, func(m string) string {
					n, _ := strconv.ParseInt(treeName.FindStringSubmatch(m)[1], 10, 64)
					if name, ok := trees[n]; ok {
						return name
					}
					return m
				}))
			}
		}
	}
	if err := rows.Err(); err != nil {
		return found, fail(err)
	}
	orphans, err := s.reads.QueryContext(ctx, `SELECT "table", parent FROM pragma_foreign_key_check`)
	if err != nil {
		return found, fail(err)
	}
	defer orphans.Close()
	for orphans.Next() {
		var table, parent string
		if err := orphans.Scan(&table, &parent); err != nil {
			return found, fail(err)
		}
		found = append(found, fmt.Sprintf("%s: a row refers to a row of %s that is not there", table, parent))
	}
	return found, fail(orphans.Err())
}

// treeName is how integrity_check speaks of a table or an index: by the page that its tree begins with.
var treeName = regexp.MustCompile(`[Tt]ree (\d+)\b`)

// trees names tables and indexes by their root page.
func (s *Store) trees(ctx context.Context) (map[int64]string, error) {
	rows, err := s.reads.QueryContext(ctx, "SELECT rootpage, type || ' ' || name FROM sqlite_schema WHERE rootpage > 0")
	if err != nil {
		return nil, fail(err)
	}
	defer rows.Close()
	out := map[int64]string{}
	for rows.Next() {
		var page int64
		var name string
		if err := rows.Scan(&page, &name); err != nil {
			return nil, fail(err)
		}
		out[page] = name
	}
	return out, fail(rows.Err())
}

// EachRow reads every row of every table, the schema too, in the order of their keys. unreadable is told of a table that cannot be
// read to its end. each must not keep Values.
func (s *Store) EachRow(ctx context.Context, each func(classroom.StoredRow), unreadable func(table string, err error)) error {
	names := []string{"sqlite_schema"}
	rows, err := s.reads.QueryContext(ctx, "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name")
	if err != nil {
		return fail(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return fail(err)
		}
		names = append(names, name)
	}
	if err := rows.Err(); err != nil {
		return fail(err)
	}
	for _, name := range names {
		if err := s.eachRowOf(ctx, name, each); err != nil {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			unreadable(name, err)
		}
	}
	return nil
}

func (s *Store) eachRowOf(ctx context.Context, table string, each func(classroom.StoredRow)) error {
	t := classroom.StoredRow{Table: table}
	info, err := s.reads.QueryContext(ctx, "SELECT name, pk FROM pragma_table_info(?) ORDER BY cid", table)
	if err != nil {
		return err
	}
	defer info.Close()
	for info.Next() {
		var name string
		var pk int
		if err := info.Scan(&name, &pk); err != nil {
			return err
		}
		if pk > 0 {
			t.Key = append(t.Key, len(t.Columns))
		}
		t.Columns = append(t.Columns, name)
	}
	if err := info.Err(); err != nil {
		return err
	}
	if t.Key == nil {
		t.Key, t.Columns = []int{0}, append([]string{"rowid"}, t.Columns...)
	}
	if table == "sqlite_schema" { // a row is known by what it is, and where its tree begins may change
		t.Columns, t.Key = []string{"type", "name", "tbl_name", "sql"}, []int{0, 1}
	}
	var parts, order []string
	for i, c := range t.Columns {
		c = `"` + strings.ReplaceAll(c, `"`, `""`) + `"`
		if t.Columns[i] == "rowid" {
			c = "rowid"
		}
		parts = append(parts, "typeof("+c+") || ':' || hex("+c+")")
		for _, k := range t.Key {
			if k == i {
				order = append(order, c)
			}
		}
	}
	query := "SELECT " + strings.Join(parts, ", ") + ` FROM "` + strings.ReplaceAll(table, `"`, `""`) + `" ORDER BY ` + strings.Join(order, ", ")
	rows, err := s.reads.QueryContext(ctx, query)
	if err != nil {
		return err
	}
	defer rows.Close()
	t.Values = make([]string, len(t.Columns))
	into := make([]any, len(t.Columns))
	for i := range into {
		into[i] = &t.Values[i]
	}
	for rows.Next() {
		if err := rows.Scan(into...); err != nil {
			return err
		}
		each(t)
	}
	return rows.Err()
}

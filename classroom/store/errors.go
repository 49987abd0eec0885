package store

import (
	"context"
	"database/sql"
	"errors"

	"betang/classroom"

	"github.com/mattn/go-sqlite3"
)

var (
	errClosed   = classroom.Refuse(classroom.Internal, "store_closed")
	errReadOnly = classroom.Refuse(classroom.Internal, "store_read_only")
)

// fail gives err a kind. Refusals and a context's own errors stay as they are.
func fail(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*classroom.Error](err); ok {
		return err
	}
	switch code, _ := sqliteCode(err); {
	case errors.Is(err, context.Canceled), errors.Is(err, context.DeadlineExceeded):
		return err
	case errors.Is(err, sql.ErrConnDone), err.Error() == "sql: database is closed", err.Error() == "sql: statement is closed":
		return errClosed
	case code == sqlite3.ErrFull:
		return &classroom.Error{Kind: classroom.Internal, Code: "store_full", Err: err}
	}
	return &classroom.Error{Kind: classroom.Internal, Code: "store_failed", Err: err}
}

// missing turns "no row" into NotFound with the given code.
func missing(err error, code string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return classroom.Refuse(classroom.NotFound, code)
	}
	return fail(err)
}

// sqliteCode gives the result codes of an error of SQLite: https://www.sqlite.org/rescode.html
func sqliteCode(err error) (sqlite3.ErrNo, sqlite3.ErrNoExtended) {
	if e, ok := errors.AsType[sqlite3.Error](err); ok {
		return e.Code, e.ExtendedCode
	}
	return 0, 0
}

// foreignKey tells whether err says that a row refers to nothing.
func foreignKey(err error) bool {
	_, ext := sqliteCode(err)
	return ext == sqlite3.ErrConstraintForeignKey
}

// unique tells whether err says that there is such a row.
func unique(err error) bool {
	_, ext := sqliteCode(err)
	return ext == sqlite3.ErrConstraintUnique || ext == sqlite3.ErrConstraintPrimaryKey
}

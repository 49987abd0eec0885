// Package query is the SQL of classroom/store as Go calls, written by sqlc from ../queries and ../migrations.
// Everything but this file is generated: change the .sql files and run go generate in classroom/store.
package query

package classroom

import "testing"

// wantErr fails the test unless err is an *Error of that kind and code.
func wantErr(t testing.TB, err error, kind Kind, code string) {
	t.Helper()
	e, ok := err.(*Error) //nolint:errorlint // refusals are never wrapped
	if !ok || e.Kind != kind || e.Code != code {
		t.Fatalf("error = %v, want %s %s", err, kind, code)
	}
}

package main

import (
	"os"
	"testing"

	"go.uber.org/goleak"
)

// asCommand has the test's own program be betang-load, for what starts itself.
const asCommand = "BETANG_LOAD_AS_COMMAND"

func TestMain(m *testing.M) {
	if os.Getenv(asCommand) != "" {
		main()
		return
	}
	goleak.VerifyTestMain(m)
}

package sfu

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/pion/logging"
)

// PionLogs are for the parts of pion that are not ours to start, as the TURN server.
func PionLogs(log *slog.Logger) logging.LoggerFactory { return pionLogs{log} }

// pionLogs sends pion's words to slog, one level down: what it calls an error is mostly a peer that went away.
type pionLogs struct{ log *slog.Logger }

func (p pionLogs) NewLogger(scope string) logging.LeveledLogger {
	return pionLog{p.log, scope}
}

type pionLog struct {
	log   *slog.Logger
	scope string
}

func (p pionLog) say(level slog.Level, format string, args ...any) {
	ctx := context.Background()
	if p.log.Enabled(ctx, level) {
		p.log.Log(ctx, level, fmt.Sprintf(format, args...), "pion", p.scope)
	}
}

const trace = slog.LevelDebug - 4

func (p pionLog) Trace(msg string)                  { p.say(trace-4, "%s", msg) }
func (p pionLog) Tracef(format string, args ...any) { p.say(trace-4, format, args...) }
func (p pionLog) Debug(msg string)                  { p.say(trace, "%s", msg) }
func (p pionLog) Debugf(format string, args ...any) { p.say(trace, format, args...) }
func (p pionLog) Info(msg string)                   { p.say(trace, "%s", msg) }
func (p pionLog) Infof(format string, args ...any)  { p.say(trace, format, args...) }
func (p pionLog) Warn(msg string)                   { p.say(slog.LevelDebug, "%s", msg) }
func (p pionLog) Warnf(format string, args ...any)  { p.say(slog.LevelDebug, format, args...) }
func (p pionLog) Error(msg string)                  { p.say(slog.LevelDebug, "%s", msg) }
func (p pionLog) Errorf(format string, args ...any) { p.say(slog.LevelDebug, format, args...) }

package wire

import "strings"

// check trims a poll's texts in place; its options stay as lines. What makes a poll is for the room to say.
func (b *MakePoll) check() string {
	if !options(b.Right) {
		return "poll_invalid"
	}
	if code := text(&b.Text, 1, MaxPollText, false); code != "" {
		return code
	}
	if code := text(&b.Options, 0, MaxOptions*(MaxOption+1), true); code != "" {
		return code
	}
	lines := b.Lines()
	for i := range lines {
		if code := text(&lines[i], 1, MaxOption, false); code != "" {
			return code
		}
	}
	b.Options = strings.Join(lines, "\n")
	return ""
}

// options tells whether set names options by its bits.
func options(set int) bool { return set >= 0 && set < 1<<MaxOptions }

// Lines are the options, one a line; blank lines are none.
func (b *MakePoll) Lines() []string {
	var out []string
	for line := range strings.Lines(b.Options) {
		if line = strings.TrimFunc(line, blank); line != "" {
			out = append(out, line)
		}
	}
	return out
}

package classroom

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"betang/classroom/attend"
)

// mostGaps is how many single stretches an explanation lists; the shorter ones are summed.
const mostGaps = 8

// RuleLine is a policy in one line of Indonesian, for the event's page and for paper: only what differs from the usual
// (rounded down, no cap, all levels earn) is told of the later fields.
func RuleLine(p attend.Policy) string {
	parts := []string{fmt.Sprintf("hadir minimal %d %%", p.ThresholdPercent)}
	if p.ApprovedJP > 0 {
		parts = append(parts, fmt.Sprintf("%d JP", p.ApprovedJP))
	} else {
		worth := fmt.Sprintf("%d menit per JP", p.MinutesPerJP)
		if p.Rounding != attend.RoundDown {
			worth += ", " + rounded(p.Rounding)
		}
		parts = append(parts, worth)
	}
	if p.CapJP > 0 && p.ApprovedJP == 0 {
		parts = append(parts, fmt.Sprintf("paling banyak %d JP", p.CapJP))
	}
	if p.BridgeSeconds > 0 {
		parts = append(parts, fmt.Sprintf("jeda sampai %d detik dihitung hadir", p.BridgeSeconds))
	} else {
		parts = append(parts, "jeda tidak dihitung hadir")
	}
	if p.Ceremony {
		parts = append(parts, "upacara dihitung")
	}
	if s := p.Earns.Levels(); p.Version > attend.Rule1 && s != "ABCD" {
		parts = append(parts, "hanya tingkat "+strings.Join(strings.Split(s, ""), ", "))
	}
	return strings.Join(parts, "; ") + " (" + RuleName(p) + ")"
}

// RuleName names the rule set and the policy's revision, as every result and paper does. Of a policy as it was planned,
// revision 0, nothing is said.
func RuleName(p attend.Policy) string {
	if p.Revision == 0 {
		return fmt.Sprintf("aturan versi %d", p.Version)
	}
	return fmt.Sprintf("aturan versi %d, ketentuan perubahan ke-%d", p.Version, p.Revision)
}

func rounded(r attend.Rounding) string {
	switch r {
	case attend.RoundNearest:
		return "dibulatkan ke yang terdekat"
	case attend.RoundUp:
		return "dibulatkan ke atas"
	}
	return "dibulatkan ke bawah"
}

// Explain tells in Indonesian, a sentence an item, how a result came about, so that an official can follow it with a
// pencil. It is a pure function of what is signed.
func Explain(p attend.Policy, r attend.Result) []string {
	out := []string{"Aturan: " + RuleLine(p) + "."}
	say := func(format string, args ...any) { out = append(out, fmt.Sprintf(format, args...)) }

	if less := r.LiveSeconds - r.CountedSeconds; less > 0 {
		say("Siaran langsung %s; upacara %s tidak dihitung bagi siapa pun, sehingga 100 %% adalah %s.",
			span(r.LiveSeconds), span(less), span(r.CountedSeconds))
	} else {
		say("Siaran langsung %s adalah 100 %%.", span(r.LiveSeconds))
	}
	if r.Seconds == 0 && r.First == 0 {
		say("Tidak ada bukti kehadiran yang dihitung.")
	} else {
		line := fmt.Sprintf("Hadir %s, antara pukul %s dan %s WIB", span(r.Seconds), second(r.First), second(r.Last))
		if r.Bridged > 0 {
			line += fmt.Sprintf("; di dalamnya %s jeda pendek yang dihitung hadir", span(r.Bridged))
		}
		say("%s.", line)
	}
	if s := sources(r.Sources); s != "" {
		say("Bukti: %s.", s)
	}
	out = append(out, deductions(p, r)...)
	if r.OutsideSeconds > 0 {
		say("%s sebelum siaran mulai, saat siaran dijeda, atau sesudah siaran berakhir tidak dihitung.", capital(span(r.OutsideSeconds)))
	}
	switch {
	case r.Meets:
		say("%d %% mencapai syarat minimal %d %%.", r.Percent, p.ThresholdPercent)
		out = append(out, worth(p, r))
	default:
		say("%d %% belum mencapai syarat minimal %d %%: 0 JP.", r.Percent, p.ThresholdPercent)
	}
	return out
}

// worth tells the sum of the JP.
func worth(p attend.Policy, r attend.Result) string {
	if p.ApprovedJP > 0 {
		return fmt.Sprintf("%d JP ditetapkan penyelenggara.", r.JP)
	}
	hundredths := r.CountedSeconds * 100 / (p.MinutesPerJP * 60)
	line := fmt.Sprintf("%s dibagi %d menit = %d,%02d; %s menjadi %d JP", span(r.CountedSeconds), p.MinutesPerJP,
		hundredths/100, hundredths%100, rounded(p.Rounding), p.Computed(int64(r.CountedSeconds)*1000))
	if p.CapJP > 0 {
		line += fmt.Sprintf("; paling banyak %d JP, jadi %d JP", p.CapJP, r.JP)
	}
	return capital(line) + "."
}

// deductions lists what was taken off, the longest stretches one by one, in the order of time.
func deductions(p attend.Policy, r attend.Result) []string {
	gaps := slices.DeleteFunc(slices.Clone(r.Missing), func(m attend.Missing) bool { return m.Why == attend.WhyCeremony })
	slices.SortStableFunc(gaps, func(a, b attend.Missing) int { return cmp.Compare(b.To-b.From, a.To-a.From) })
	least := 0
	for least < min(len(gaps), mostGaps) && gaps[least].To-gaps[least].From >= 1000 {
		least++
	}
	told, rest := gaps[:least], int64(0)
	for _, m := range gaps[least:] {
		rest += m.To - m.From
	}
	slices.SortFunc(told, func(a, b attend.Missing) int { return cmp.Compare(a.From, b.From) })
	var out []string
	for _, m := range told {
		out = append(out, fmt.Sprintf("Tidak dihitung: %s–%s (%s), %s.", second(m.From), second(m.To),
			span(int((m.To-m.From)/1000)), reason(p, r, m)))
	}
	if rest >= 1000 {
		out = append(out, fmt.Sprintf("Tidak dihitung: %d bagian pendek lain, bersama %s.", len(gaps)-least, span(int(rest/1000))))
	}
	return out
}

func reason(p attend.Policy, r attend.Result, m attend.Missing) string {
	switch {
	case m.Why == attend.WhyVoided:
		return "dibatalkan dengan keputusan"
	case m.Why == attend.WhyUnearned && m.Seen.Levels() != "":
		return "hanya ada bukti tingkat " + strings.Join(strings.Split(m.Seen.Levels(), ""), ", ") +
			", yang tidak memberi JP pada kegiatan ini"
	case m.Why == attend.WhyUnearned:
		return "tersambung, tetapi tidak ada bukti bahwa siaran diterima"
	case r.First == 0:
		return "tidak ada bukti hadir"
	case m.To <= r.First:
		return "belum ada bukti hadir"
	case m.From >= r.Last:
		return "tidak ada lagi bukti hadir"
	case p.BridgeSeconds == 0:
		return "tidak ada bukti hadir"
	}
	return fmt.Sprintf("tidak ada bukti hadir, lebih lama dari %d detik", p.BridgeSeconds)
}

func sources(c attend.Class) string {
	var parts []string
	for _, s := range []struct {
		set  attend.Class
		name string
	}{
		{attend.LevelA, "perangkat sendiri (A)"},
		{attend.LevelB, "Ruang Bersama (B)"},
		{attend.LevelC, "ditandai PIC (C)"},
		{attend.LevelD, "lembar kertas (D)"},
		{attend.Corrected, "keputusan koreksi"},
		{attend.Socket, "sambungan terbuka"},
	} {
		if c&s.set != 0 {
			parts = append(parts, s.name)
		}
	}
	return strings.Join(parts, ", ")
}

// span is a length as people say it: "1 jam 49 menit 30 detik".
func span(seconds int) string {
	var parts []string
	for _, u := range []struct {
		size int
		name string
	}{{3600, "jam"}, {60, "menit"}, {1, "detik"}} {
		if n := seconds / u.size; n > 0 {
			parts = append(parts, strconv.Itoa(n)+" "+u.name)
		}
		seconds %= u.size
	}
	if parts == nil {
		return "0 detik"
	}
	return strings.Join(parts, " ")
}

func second(ms int64) string { return time.UnixMilli(ms).In(WIB).Format("15.04.05") }

func capital(s string) string { return strings.ToUpper(s[:1]) + s[1:] }

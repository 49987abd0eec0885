package attend

// YearRule is what a year's JP are held against for one kind of ASN; settings, for the rules differ by office and year.
type YearRule struct {
	Least int // the duty; 0: none
	Most  int // what counts at most; 0: no limit
}

// YearRules are those of DOMAIN section 2, by status_pegawai: a PNS has a duty of 20 JP a year, a PPPK a limit of 24.
func YearRules(kind string) YearRule {
	switch kind {
	case "PPPK", "PPPK_PW":
		return YearRule{Most: 24}
	case "PNS", "CPNS":
		return YearRule{Least: 20}
	}
	return YearRule{}
}

// Year is a person's JP of one year. The limit takes nothing off any event: a certificate says what the event was worth.
type Year struct {
	Sum     int // of all events
	Counted int // of it, what counts
	Over    int // Sum less Counted
	Short   int // of the duty
}

// Add sums the JP of a year's events.
func (y YearRule) Add(jp ...int) Year {
	var out Year
	for _, n := range jp {
		out.Sum += n
	}
	out.Counted = out.Sum
	if y.Most > 0 {
		out.Counted = min(out.Sum, y.Most)
	}
	out.Over, out.Short = out.Sum-out.Counted, max(0, y.Least-out.Counted)
	return out
}

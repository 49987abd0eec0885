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

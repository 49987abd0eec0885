package attend

// Policy is the event's rule for turning evidence into credit. It is data of the event, fixed when the
// attendance is ratified.
type Policy struct {
	Version          int   `json:"version"`          // of the rule set; 1 so far
	MinutesPerJP     int   `json:"minutesPerJP"`     // 45 (LAN, schools) or 60
	ThresholdPercent int   `json:"thresholdPercent"` // least presence that earns the JP, 0 to 100
	BridgeSeconds    int   `json:"bridgeSeconds"`    // gaps up to this long count as present
	ApprovedJP       int   `json:"approvedJP"`       // what the organiser granted; 0: computed from the live minutes, rounded down
	Earns            Class `json:"earns"`            // set of evidence classes whose union is presence
}

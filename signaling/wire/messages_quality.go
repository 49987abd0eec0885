package wire

// ---- client to server ----

// Quality says what picture this device wants at most: by itself what the network carries ("auto"), 360p ("medium"),
// 180p ("low"), the cheapest picture of each slot ("save": Mode hemat data), or none ("voice"). The server keeps it for
// the session; a page says it again after a welcome.
type Quality struct {
	Pin string `json:"pin" ts:"'auto' | 'medium' | 'low' | 'save' | 'voice'"`
}

// ---- server to client ----

// Rung tells a viewer which step of the ladder it is on and why it is not higher. It comes when either changes.
type Rung struct {
	Rung   string `json:"rung" ts:"'voice' | 'slides' | 'low' | 'medium' | 'high'"`
	Reason string `json:"reason" ts:"'best' | 'network' | 'chosen' | 'saving' | 'source' | 'busy' | 'start'"`
	Kbps   int    `json:"kbps"`          // of what the server sends now, headers included
	Cut    bool   `json:"cut,omitempty"` // the server hears nothing of what it sends: the path is perhaps gone
}

// RungCount is the number of viewers on a step of the ladder.
type RungCount struct {
	Rung    string `json:"rung" ts:"'voice' | 'slides' | 'low' | 'medium' | 'high'"`
	N       int    `json:"n"`
	Network int    `json:"network"` // of these, how many would be higher if their network carried it
}

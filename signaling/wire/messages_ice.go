package wire

// ICEServer is a way for media that UDP and plain TCP do not reach: TURN on the server's own port (RFC 8656). What it
// relays to is the server's media alone. The credentials are the session's own and die within a day.
type ICEServer struct {
	URLs       []string `json:"urls"`
	Username   string   `json:"username"`
	Credential string   `json:"credential"`
}

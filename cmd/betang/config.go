package main

import "time"

// CLI is every command and flag. Each flag has an environment variable, so that a systemd unit needs no
// arguments; a flag wins over the environment.
type CLI struct {
	Serve   Serve   `cmd:"" help:"Run the server."`
	Export  Export  `cmd:"" help:"Write official documents from the data folder."`
	Token   Token   `cmd:"" help:"Make and revoke links."`
	Event   Events  `cmd:"" help:"Plan events."`
	Journal Journal `cmd:"" help:"An event's facts: print them; set them aside when the other servers have others."`
	Nodes   Nodes   `cmd:"" help:"The servers that share a Redis: list, drain, serve again."`
	Roster  Roster  `cmd:"" help:"Take in lists of people, give out personal codes."`
	Ratify  Ratify  `cmd:"" help:"Tetapkan kehadiran: sign the list of an ended event."`
	Void    Void    `cmd:"" help:"Batalkan daftar: take back a ratified list."`
	Verify  Verify  `cmd:"" help:"Periksa: name what was touched in a list or folder."`
	Seal    Seal    `cmd:"" help:"Segel: write signed sums of all rows of a folder."`
	Key     Key     `cmd:"" help:"Print the public key that lists are signed with."`
	NodeKey NodeKey `cmd:"" name:"node-key" help:"Print the key that other servers know this one by."`
	Version Version `cmd:"" help:"Print the version."`
}

// Data is the folder that holds everything: betang.db, its WAL, and demo-links.json.
type Data struct {
	Data string `default:"./data" env:"BETANG_DATA" type:"path" help:"Folder of the SQLite file (default ${default})."`
}

// Serve runs the server.
type Serve struct {
	Data
	Papers
	Cluster
	Relay
	Listen        string        `default:":8443" env:"BETANG_LISTEN" help:"TCP address of web and websocket."`
	Media         string        `env:"BETANG_MEDIA" help:"UDP address of all media (default: the address of --listen)."`
	URL           string        `env:"BETANG_URL" help:"Address people type, for links and origin checks, like https://corpu.example.go.id (default: http://localhost and the port)."`
	PublicIP      []string      `env:"BETANG_PUBLIC_IP" help:"Addresses that browsers reach for media, when the server stands behind NAT."`
	MaxEgress     int64         `env:"BETANG_MAX_EGRESS" help:"Mbit/s of media to all viewers together; near it newcomers get a smaller picture, then voices. 0: no limit but the processor's."`
	Origin        []string      `env:"BETANG_ORIGIN" help:"More web origins that may open websockets."`
	Proxy         []string      `env:"BETANG_PROXY" help:"Networks (CIDR) of reverse proxies whose X-Forwarded-For is believed."`
	NoticeUnit    string        `default:"BPSDM Provinsi Kalimantan Tengah" env:"BETANG_NOTICE_UNIT" help:"Unit named in the privacy notice."`
	NoticeContact string        `env:"BETANG_NOTICE_CONTACT" help:"Whom to ask about personal data, in the privacy notice."`
	TLSCert       string        `env:"BETANG_TLS_CERT" type:"path" help:"Certificate chain (PEM). Browsers give camera and microphone only over HTTPS, or on localhost."`
	TLSKey        string        `env:"BETANG_TLS_KEY" type:"path" help:"Private key (PEM) of --tls-cert."`
	CheckEvery    time.Duration `default:"20m" env:"BETANG_CHECK_EVERY" help:"Live time that holds one \"Masih menyimak?\" a person; 0 asks nobody."`
	CheckWindow   time.Duration `default:"90s" env:"BETANG_CHECK_WINDOW" help:"Time to answer it, at most two thirds of --check-every."`
	Demo          bool          `env:"BETANG_DEMO" help:"Seed a demo event with people of every regency and print its links."`
	LogFormat     string        `default:"text" enum:"text,json" env:"BETANG_LOG_FORMAT" help:"text or json."`
	LogLevel      string        `default:"info" enum:"debug,info,warn,error" env:"BETANG_LOG_LEVEL" help:"debug, info, warn or error."`
}

// Export groups the documents.
type Export struct {
	Attendance ExportAttendance `cmd:"" help:"Daftar hadir of one event."`
}

// ExportAttendance writes the daftar hadir.
type ExportAttendance struct {
	Data
	Event  string `required:"" help:"Event id, like demo."`
	Format string `default:"xlsx" enum:"csv,xlsx,pdf,json,siasn,signed" help:"xlsx (for people), pdf (for paper), csv or json (for programs), siasn (rekap for BKN's SIASN) or signed (the document of a ratified event, for betang verify)."`
	Order  string `default:"unit" enum:"unit,protocol" help:"Order of a list that is not ratified yet: unit (perangkat daerah, then name) or protocol (pejabat first)."`
	URL    string `env:"BETANG_URL" help:"Address of the server, for the QR of the verification page on PDF."`
	Papers
	Out string `required:"" type:"path" help:"File to write; it is replaced whole or not at all."`
}

// Token groups what concerns links.
type Token struct {
	Issue  TokenIssue  `cmd:"" default:"withargs" help:"Print a new link."`
	Revoke TokenRevoke `cmd:"" help:"Make a link worthless, at once."`
}

// TokenIssue prints a link.
type TokenIssue struct {
	Data
	Event  string `help:"Event id; not needed for the role bpsdm."`
	Role   string `required:"" enum:"operator,moderator,mc,vip,speaker,interpreter,minutes,participant,guest,bpsdm,pic,player" help:"operator, moderator, mc, vip, speaker, interpreter, minutes, participant, guest, bpsdm, pic (Ruang Bersama) or player (WHEP)."`
	Name   string `help:"Name shown on the stage."`
	Person string `help:"Internal id of the person a participant's link belongs to; without it the link asks for the NIP."`
	Room   bool   `help:"With the role vip: for a device in a hall. Its page comes on by itself, behind the stage, and the operator shows it."`
	Days   int    `default:"30" help:"Days until it expires, 1 to 400."`
	URL    string `default:"http://localhost:8443" env:"BETANG_URL" help:"Address people type."`
}

// TokenRevoke revokes a link.
type TokenRevoke struct {
	Data
	Token string `arg:"" help:"The link, the token in it, or its id."`
}

// Events groups what concerns events.
type Events struct {
	Add  EventAdd  `cmd:"" help:"Plan an event."`
	List EventList `cmd:"" help:"List the events."`
}

// EventAdd plans an event.
type EventAdd struct {
	Data
	ID      string `arg:"" help:"Id for links: a-z, 0-9 and hyphens, up to 64."`
	Title   string `required:"" help:"Title."`
	Kind    string `default:"lecture" enum:"lecture,class,forum" help:"lecture, class or forum."`
	Speaker string `help:"Narasumber, as printed."`
	Host    string `default:"BPSDM Provinsi Kalimantan Tengah" help:"Penyelenggara."`
	Place   string `default:"Daring melalui Betang" help:"Tempat."`
	Starts  string `required:"" help:"Start in WIB: 2026-11-30 09:00."`
	Ends    string `required:"" help:"End in WIB: 2026-11-30 11:30."`
	Rule
}

// Rule is an event's rule for attendance.
type Rule struct {
	JP        int    `help:"Approved JP; 0: computed from the live minutes."`
	Minutes   int    `default:"45" help:"Minutes per JP: 45 or 60."`
	Threshold int    `default:"70" help:"Least presence in percent, 0 to 100."`
	Rounding  string `default:"down" enum:"down,nearest,up" help:"What becomes of a part of a computed JP: down, nearest or up."`
	Cap       int    `help:"Most JP the event gives; 0: no cap."`
	Bridge    int    `default:"10" help:"Gaps of up to so many seconds count as present, 0 to 600."`
	Ceremony  bool   `help:"What the rundown marks as ceremony counts too."`
	Levels    string `default:"ABCD" help:"Levels of proof that earn: A own device, B Ruang Bersama, C marked by a PIC, D paper."`
}

// EventList lists the events.
type EventList struct{ Data }

// Roster groups what concerns lists of people.
type Roster struct {
	Import RosterImport `cmd:"" help:"Take in a list (.xlsx or CSV) as agencies send it."`
	Codes  RosterCodes  `cmd:"" help:"Make personal codes and write them, this once."`
}

// RosterImport takes in a list.
type RosterImport struct {
	Data
	File     string `arg:"" type:"existingfile" help:"The list."`
	Event    string `required:"" help:"Event whose list everybody in the file comes on."`
	Preview  bool   `help:"Only tell what would happen."`
	Problems string `type:"path" help:"Write the rows that cannot be taken here (.xlsx), with what is amiss."`
}

// RosterCodes makes personal codes.
type RosterCodes struct {
	Data
	Event string `required:"" help:"Event the codes open."`
	Unit  string `help:"Only people of this unit, as the list writes it."`
	Renew bool   `help:"Also for those who have a code; theirs is void then."`
	Out   string `required:"" type:"path" help:"CSV to write: unit, name, masked NIP, code."`
}

// Ratify freezes and signs an event's attendance.
type Ratify struct {
	Data
	Event  string `required:"" help:"Event id; it must have ended."`
	By     string `required:"" help:"Who ratifies: name and office."`
	Reason string `required:"" help:"On what ground, like the number of the minutes."`
	Order  string `default:"unit" enum:"unit,protocol" help:"Order of the list: unit (perangkat daerah, then name) or protocol (pejabat first)."`
	URL    string `env:"BETANG_URL" help:"Address of the server, for the QR of the verification page on PDF; kept with the list."`
	Papers
}

// Void takes a ratified list back.
type Void struct {
	Data
	Event  string `required:"" help:"Event id."`
	Number string `required:"" help:"Number of the list, as on its papers; the newest of the event."`
	By     string `required:"" help:"Who voids it: name and office."`
	Reason string `required:"" help:"Why, like the number of the minutes."`
}

// Verify checks a signed document, a paper made of one, or a data folder.
type Verify struct {
	File   string   `arg:"" optional:"" type:"existingfile" help:"The signed document (.json), or a list as it was handed out (.xlsx, .csv, .pdf, .json). Without it the folder of --data is checked."`
	Key    string   `help:"Public key, 64 hexadecimal digits, as betang key printed it on the signing server. Without it a document that somebody signed anew cannot be told."`
	Data   string   `type:"existingdir" help:"Also compare with the journal and the evidence in this data folder; without FILE, check all of it."`
	Signed []string `type:"existingfile" help:"The signed document of a list that was handed out; else those of --data, else those in the folder of FILE."`
	Seal   string   `type:"existingfile" help:"A seal of the data folder, as betang seal wrote it."`

	Edge map[string]string `help:"NAME=KEY of an edge, as betang key --node printed it there: its evidence must be signed with that key."`
	URL  string            `env:"BETANG_URL" help:"Address of the server, for lists of before it was kept with them."`
	Papers
}

// Seal sums a data folder.
type Seal struct {
	Data
	Out string `required:"" type:"path" help:"File to write. Whoever has it can try guesses of what a row says: keep it like the data folder."`
}

// Key prints the public key.
type Key struct {
	Data
	Node bool `help:"The key by which this server signs the evidence that it gathers for another one's list."`
}

// Version prints the version.
type Version struct{}

package classroom

import (
	"maps"
	"slices"
)

// policy is the one table of who may do what: the name of a room command, of a client's message or of an endpoint,
// and the roles that may. What is not in it, nobody may. Owner rules (a speaker takes down only what is its own)
// stand in the room, on top of it.
var policy = func() map[string][]Role {
	const (
		op, mod, spk, ipr = RoleOperator, RoleModerator, RoleSpeaker, RoleInterpreter
		par, gst, ply, bp = RoleParticipant, RoleGuest, RolePlayer, RoleBPSDM
		pic, hll          = RolePIC, RoleHall
	)
	desk := []Role{op, mod}
	stage := []Role{op, mod, RoleMC, RoleVIP, spk, ipr}
	present := []Role{op, mod, RoleMC, RoleVIP, spk}
	hall := []Role{par, gst}
	scribes := []Role{op, mod, RoleMinutes}
	talkers := slices.Concat(stage, hall, []Role{RoleMinutes})
	page := slices.Concat(talkers, []Role{hll})
	watch := slices.Concat(page, []Role{ply})
	return map[string][]Role{
		// The room.
		"admit":           watch,
		"phase":           {op},
		"stage.enter":     slices.Concat(stage, hall), // of the hall: invited
		"stage.leave":     slices.Concat(stage, hall), // one's own
		"stage.leave.any": {op},
		"scene":           {op},
		"hand":            hall,
		"lower":           slices.Concat(desk, hall), // of the hall: one's own
		"invite":          desk,
		"hold":            {op},
		"announce":        desk,
		"cueput":          desk,
		"cuemove":         desk,
		"cuedrop":         desk,
		"cue":             {op},
		"cueback":         {op},
		"place":           stage, // one's own; an operator anybody's
		"gate":            {op},
		"ban":             desk, // of the stage's own people: the operator
		"unban":           desk,
		"backup":          {op},
		"backup.rule":     {op},
		"backup.over":     {op},
		"backup.due":      stage,                      // by the hub, in the backup's name
		"stage.silent":    slices.Concat(stage, hall), // by the hub, in the publisher's name
		"ask":             hall,
		"support":         hall,
		"approve":         desk,
		"merge":           desk,
		"reject":          desk,
		"show":            desk,
		"answer":          desk,
		"poll.make":       desk,
		"poll.turn":       desk,
		"poll.show":       desk,
		"poll.answer":     hall,
		"chat.set":        desk,
		"chat":            talkers,
		"chat.remove":     talkers, // one's own; the desk anybody's
		"chat.promote":    desk,
		"deck.add":        present, // by the server, when the upload is whole
		"deck.drop":       present, // one's own
		"deck.share":      present, // one's own
		"deck.any":        desk,
		"page":            present, // whoever uploaded it: the committee's deck is turned by who speaks
		"class.rules":     desk,
		"class.grant":     desk,
		"class.quiet":     desk,
		"class.call":      desk,
		"class.speak":     hall,
		"rooms.make":      desk,
		"rooms.put":       desk,
		"rooms.open":      desk,
		"rooms.close":     desk,
		"rooms.go":        slices.Concat(stage, hall), // of the hall: where people choose
		"rooms.help":      hall,
		"caption":         scribes,
		"note.put":        scribes,
		"note.drop":       scribes,
		"check.record":    {par}, // by the hub, in the person's name
		"contest":         {par}, // "Ajukan koreksi"
		"decide":          {bp},  // "Meja koreksi"
		"correct":         {bp},  // begun by the desk itself
		"policy.set":      {bp},
		"list.void":       {bp},
		"list.ratify":     {bp},
		"flag.judge":      {bp},
		"hall.open":       {pic},
		"hall.reopen":     {pic},
		"hall.close":      {pic},
		"hall.mark":       {pic},
		"hall.strike":     {pic, bp},
		"hall.scan":       {par}, // by the server, for who showed who they are on a phone

		// The websocket.
		"hello":     page,
		"ping":      page,
		"watch":     watch,
		"playing":   page,
		"here":      {par},
		"react":     slices.Concat(hall, []Role{RoleMinutes}),
		"quality":   page,
		"gaze":      page,                       // which faces of a class's gallery one looks at
		"class.mic": slices.Concat(stage, hall), // the word that one's own microphone is off
		"publish":   slices.Concat(stage, hall),
		"unpublish": slices.Concat(stage, hall),
		"backstage": stage, // stands on the stage by role, and may stand behind it
		"look":      stage,
		"ink":       present,
		"point":     present,
		"desk":      desk, // sees every question, whatever its status, and the counts by region

		// HTTP.
		"event.read":        slices.Concat(watch, []Role{bp}),
		"identify":          hall,
		"join":              hall,
		"whip":              stage,
		"whep":              watch,
		"material":          present, // uploading
		"events.list":       {bp},
		"attendance.mine":   {par}, // "Kehadiran saya"
		"captions.read":     slices.Concat(talkers, []Role{bp}),
		"notes.read":        slices.Concat(scribes, []Role{bp}),
		"survey":            hall,
		"attendance.read":   {bp},
		"attendance.export": {bp},
		"attendance.ratify": {bp},
		"corrections":       {bp},
		"readiness":         {op, mod, bp}, // what offices reported of their networks
		"roster":            {bp},          // lists of people and their personal codes
		"hall":              {pic},         // the desk of a Ruang Bersama
		"hall.screen":       {hll},         // its screen
		"halls.read":        {bp},          // all of them, and what looks odd
	}
}()

// Roles are all roles, in the order of the policy's columns.
func Roles() []Role {
	return []Role{
		RoleOperator, RoleModerator, RoleMC, RoleVIP, RoleSpeaker, RoleInterpreter, RoleMinutes, RoleParticipant, RoleGuest,
		RolePlayer, RoleBPSDM, RolePIC, RoleHall,
	}
}

// lead is what a speaker may besides in an event of kind class: a trainer leads it alone, without a desk. Its rundown, its record
// and other people's material stay the desk's.
var lead = []string{
	"phase", "announce", "desk", "lower", "ban", "unban", "approve", "merge", "reject", "show", "answer",
	"poll.make", "poll.turn", "poll.show", "chat.set", "chat.promote",
	"class.rules", "class.grant", "class.quiet", "class.call", "rooms.make", "rooms.put", "rooms.open", "rooms.close",
}

// May tells whether a role may do something in whatever event: a room command, a client's message or an endpoint, by its name.
func May(role Role, command string) bool { return slices.Contains(policy[command], role) }

// MayIn tells whether a role may do something in an event of a kind.
func MayIn(kind EventKind, role Role, command string) bool {
	return May(role, command) || kind == Class && role == RoleSpeaker && slices.Contains(lead, command)
}

// Permissions are the names of all a role may do in an event of a kind, sorted.
func Permissions(kind EventKind, role Role) []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(policy)) {
		if MayIn(kind, role, name) {
			out = append(out, name)
		}
	}
	return out
}

// may tells whether a role may do something in this room.
func (r *Room) may(role Role, command string) bool { return MayIn(r.event.Kind, role, command) }

// Package classroom is the domain: events, people and what happens in a room. Room.Apply is the only way anything
// changes; it is pure, and replaying its facts gives the same room.
package classroom

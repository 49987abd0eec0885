package halls

import "time"

// Deadline is when late marks end for an event that ends (or ended) at that time: noon of the next day in zone.
func Deadline(end time.Time, zone *time.Location) time.Time {
	d := end.In(zone)
	return time.Date(d.Year(), d.Month(), d.Day()+1, 12, 0, 0, 0, zone).UTC()
}

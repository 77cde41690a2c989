package main

import (
	"fmt"
	"io"
	"time"
)

// progress is a line on a terminal that is written anew, a few times a second,
// once something has taken long enough to be waited for. A nil one is silent.
type progress struct {
	to    io.Writer
	now   func() time.Time
	began time.Time
	total int64 // octets, -1 if nobody knows

	shown time.Time
	width int // of the line that is there
}

const (
	progressBegins = 300 * time.Millisecond
	progressEvery  = 100 * time.Millisecond
)

// at says that so many octets are there.
func (p *progress) at(octets int64) {
	if p == nil {
		return
	}
	now := p.now()
	if now.Sub(p.began) < progressBegins || now.Sub(p.shown) < progressEvery {
		return
	}
	p.shown = now
	perSecond := float64(octets) / now.Sub(p.began).Seconds()
	line := fmt.Sprintf("%s  %s/s", size(octets), size(int64(perSecond)))
	if p.total > 0 {
		left := time.Duration(float64(p.total-octets) / max(perSecond, 1) * float64(time.Second))
		line = fmt.Sprintf("%3d %%  %s of %s  %s/s  %v left", 100*octets/p.total, size(octets), size(p.total), size(int64(perSecond)), left.Round(time.Second))
	}
	fmt.Fprintf(p.to, "\r%-*s", p.width, line)
	p.width = len(line)
}

// end takes the line away.
func (p *progress) end() {
	if p != nil && p.width > 0 {
		fmt.Fprintf(p.to, "\r%*s\r", p.width, "")
	}
}

// size is a number of octets for people.
func size(octets int64) string {
	if octets < 1<<10 {
		return plural(int(octets), "octet")
	}
	n, units := float64(octets)/(1<<10), "KMGTPE"
	for n >= 1<<10 {
		n, units = n/(1<<10), units[1:]
	}
	return fmt.Sprintf("%.1f %ciB", n, units[0])
}

package compose

import "github.com/specht-http/specht/gen/automaton"

// explored are the Configs of heads, or of what follows them, by number, with where
// each leads as far as somebody has asked.
type explored struct {
	by      *Machine
	ids     map[Config]int32
	configs []Config
	ways    [][]way
	may     []may // what may come of Configs of heads; 0 if nobody has asked

	exits   []exit // out of heads, by number
	exitIDs map[exit]int32
}

// exit is the end of a head: what was decided, and the numbers if one of them counts
// what follows.
type exit struct {
	event  string
	number [numbersMax]uint16
}

// Numbers of Configs, and what stands instead of one.
const (
	inBody    int32 = 1 << 30
	ended     int32 = -1 // behind a message
	toEnded   int32 = -1 - int32(Ended)
	toRefused int32 = -1 - int32(Refused)
	toCut     int32 = -1 - int32(Cut)
	toExit    int32 = -16 // and below: an exit of heads
	unknown   int32 = -5
)

func newExplored(by *Machine) *explored {
	return &explored{by: by, ids: map[Config]int32{}, exitIDs: map[exit]int32{}}
}

// id is the number of a Config.
func (x *explored) id(cfg Config) int32 {
	id, ok := x.ids[cfg]
	if !ok {
		id = int32(len(x.configs))
		x.ids[cfg] = id
		x.configs = append(x.configs, cfg)
		x.ways = append(x.ways, nil)
	}
	return id
}

// from are the ways from a Config.
func (x *explored) from(id int32) []way {
	if x.ways[id] == nil {
		x.ways[id] = x.by.ways(x.configs[id])
		if x.ways[id] == nil {
			x.ways[id] = []way{} // nothing comes of it
		}
	}
	return x.ways[id]
}

// id is the number of a Config.
func (c *Machine) id(cfg Config) int32 {
	if cfg.part == 0 {
		return c.heads.id(cfg)
	}
	return c.bodies.id(cfg) | inBody
}

// config is the Config of a number.
func (c *Machine) config(id int32) *Config {
	if id&inBody == 0 {
		return &c.heads.configs[id]
	}
	return &c.bodies.configs[id&^inBody]
}

// number is what stands for what has come of an octet.
func (c *Machine) number(cfg Config, out Outcome) int32 {
	if out == Running {
		return c.id(cfg)
	}
	return -1 - int32(out)
}

// exit is the number of the end of a head.
func (c *Machine) exit(event string, cfg Config) int32 {
	e := exit{event: event}
	if c.counted(event) {
		e.number = cfg.number
	}
	x := c.heads
	id, ok := x.exitIDs[e]
	if !ok {
		id = int32(len(x.exits))
		x.exitIDs[e] = id
		x.exits = append(x.exits, e)
	}
	return toExit - id
}

// from are the ways from a Config. Behind its message a machine takes any octet.
func (c *Machine) from(id int32) []way {
	switch {
	case id == ended:
		return atEnd
	case id&inBody == 0:
		return c.heads.from(id)
	}
	return c.bodies.from(id &^ inBody)
}

var atEnd = []way{{on: every, to: ended}}

// lead is where a way leads in this machine.
func (c *Machine) lead(to int32) int32 {
	if to > toExit {
		return to
	}
	i := int(toExit - to)
	for len(c.led) <= i {
		c.led = append(c.led, unknown)
	}
	if c.led[i] == unknown {
		c.led[i] = c.behind(c.heads.exits[i])
	}
	return c.led[i]
}

// behind is where an exit leads in this machine.
func (c *Machine) behind(e exit) int32 {
	return c.number(c.after(Config{number: e.number}, e.event))
}

// follow is where an octet leads.
func (c *Machine) follow(id int32, o byte) int32 {
	for _, w := range c.from(id) {
		if w.on.Has(places[o]) {
			return c.lead(w.to)
		}
	}
	return toRefused
}

// octet is the most pleasant one of a way.
func (w *way) octet() byte { return automaton.Readable[w.on.First()] }

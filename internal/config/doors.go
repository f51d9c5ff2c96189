package config

import (
	"errors"
	"time"
)

// Doors has the limits of connections and bodies.
type Doors struct {
	ConnectionsMax int           `name:"connections-max" default:"1024" placeholder:"N" help:"Most connections of callers, over gRPC and REST together, and never more than half of the files that this process may have open. When all are taken, a new one takes the place of the one that has been idle for longest, of the address with the most idle ones."`
	ConnectionIdle time.Duration `name:"connection-idle-timeout" default:"2m" help:"How long a connection may be open without a request under way before it is closed."`
	BodyMemory     int64         `name:"body-memory" default:"134217728" placeholder:"BYTES" help:"Memory that the bodies of requests under way may take together, over gRPC and REST. Uploads are held in photo-memory."`
	MemoryMax      int64         `name:"memory-max" default:"0" placeholder:"BYTES" help:"Memory that this process may hold before it refuses requests with MEMORY_BUDGET_FULL; 0 is 80 % of the container's or machine's."`
	BodyTimeout    time.Duration `name:"body-timeout" default:"1m" help:"How long the body of a request may take to arrive before it is cut off. Uploads may take longer."`
	BodyRateMin    int64         `name:"body-rate-min" default:"1024" placeholder:"BYTES" help:"Fewest bytes a second at which a body or an upload may arrive, on average after its first upload-idle-timeout, before it is cut off; 0 is no bound."`
}

func (l *Loaded) checkDoors() error {
	d := l.Doors
	return errors.Join(
		within(l, "connections-max", d.ConnectionsMax, 8, 1<<20),
		within(l, "connection-idle-timeout", d.ConnectionIdle, time.Second, 24*time.Hour),
		within(l, "body-memory", d.BodyMemory, 8*int64(l.Listen.RequestBytesMax), 1<<40),
		within(l, "memory-max", d.MemoryMax, 0, 1<<50),
		within(l, "body-timeout", d.BodyTimeout, 10*time.Millisecond, time.Hour),
		within(l, "body-rate-min", d.BodyRateMin, 0, 1<<20),
	)
}

package app

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/share"
	"github.com/zhaohuo-dev/zhaohuo/server/door"
)

// openDoors sets the limits of connections and bodies. Half of the file descriptors stay free for the upstream, photos
// and stores.
func (a *App) openDoors() (err error) {
	s := a.settings.Doors
	connections := s.ConnectionsMax
	if files := door.FilesMax(); files > 0 && uint64(connections) > files/2 {
		connections = int(max(files/2, 1))
		a.log.Warn("connections-max is lowered to half of the files that this process may have open",
			"connections_max", s.ConnectionsMax, "files", files, "lowered_to", connections)
	}
	a.bodies = share.NewPool(s.BodyMemory)
	a.doors, err = door.New(door.Options{Max: connections, Streams: streamsMax, Bodies: a.bodies, Log: a.log, Metrics: a.registry})
	if err != nil {
		return err
	}
	return register(a.registry, prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "zhaohuo_body_memory_bytes", Help: "Memory that bodies of requests take now, of the body-memory they may take; small ones are not counted.",
	}, func() float64 { return float64(a.bodies.Used()) }))
}

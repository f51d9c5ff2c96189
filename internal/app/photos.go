package app

import (
	"context"
	"fmt"
	"net/url"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/zhaohuo-dev/zhaohuo/internal/config"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// openPhotos makes the store for callers' photos.
func (a *App) openPhotos(dialect *upstream.Dialect) (server.Photos, error) {
	s := a.settings.Photos
	wait := s.Wait
	if wait == 0 {
		wait = -time.Nanosecond // No wait; zero would mean the default.
	}
	store, err := photo.New(photo.Config{
		Dir: s.Dir, Memory: s.Memory, Wait: wait, ShelfBytes: s.ShelfBytes, ShelfTTL: s.ShelfTTL,
		Limits: imaging.Limits{MaxBytes: s.BytesMax, MaxPixels: s.PixelsMax, SendBytes: s.SendBytes},
	})
	if err != nil {
		return server.Photos{}, fmt.Errorf("%s: %w", a.options.Settings.Named("photo-dir"), err)
	}
	a.onClose(func(context.Context) error { return store.Close() })
	if err := registerPhotoMetrics(a.registry, store); err != nil {
		return server.Photos{}, err
	}
	common := fetch.Config{Off: s.NoFetch, Hosts: a.imageHosts(), BytesMax: s.BytesMax, Timeout: s.FetchTimeout}
	anyHost := common
	anyHost.Ports = s.PortList()
	knownHosts := common
	knownHosts.HostsOnly = true
	a.pictures = fetch.New(knownHosts)
	return server.Photos{
		Store: store, Addresses: fetch.New(anyHost), Hosts: a.pictures,
		IdleTimeout: s.IdleTimeout, RateMin: a.settings.Doors.BodyRateMin, CutRegions: !dialect.Regions,
	}, nil
}

// NewPictures fetches pictures of goods from the hosts of the settings, for a program that asks another server.
func NewPictures(s *config.Loaded) *fetch.Fetcher {
	p := s.Photos
	return fetch.New(fetch.Config{Off: p.NoFetch, Hosts: p.HostList(), BytesMax: p.BytesMax, Timeout: p.FetchTimeout, HostsOnly: true})
}

// imageHosts are the hosts of the upstream's images.
func (a *App) imageHosts() []string {
	hosts := a.settings.Photos.HostList()
	if !a.settings.Live() {
		// The sandbox has only the images of its own products, at its own address.
		if own, err := url.Parse(a.place.url); err == nil {
			hosts = append(hosts, own.Host)
		}
	}
	return hosts
}

// registerPhotoMetrics registers the metrics of the photo store.
func registerPhotoMetrics(r prometheus.Registerer, store *photo.Store) error {
	gauge := func(name, help string, value func() float64) prometheus.Collector {
		return prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, value)
	}
	return register(r,
		gauge("zhaohuo_photo_memory_bytes", "Memory that photos take now, of the photo-memory they may take.", func() float64 {
			return float64(store.Budget().Used())
		}),
		gauge("zhaohuo_photo_kept", "Photos that are kept for asking again.", func() float64 {
			photos, _ := store.Shelf().Used()
			return float64(photos)
		}),
		gauge("zhaohuo_photo_kept_bytes", "Disk that kept photos take, of the photo-shelf-bytes they may take.", func() float64 {
			_, bytes := store.Shelf().Used()
			return float64(bytes)
		}),
	)
}

package app

import (
	"context"

	"github.com/zhaohuo-dev/zhaohuo/internal/combo"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging/likeness"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fetch"
	"github.com/zhaohuo-dev/zhaohuo/internal/photo/fingerprints"
	"github.com/zhaohuo-dev/zhaohuo/server"
	"github.com/zhaohuo-dev/zhaohuo/upstream"
	"github.com/zhaohuo-dev/zhaohuo/upstream/capability"
)

// asker answers the strategies' questions.
type asker interface {
	upstream.Searcher
	upstream.Products
}

// newCombo makes the service of strategies.
func (a *App) newCombo(dialect *upstream.Dialect, offered *capability.Table, client asker, limits upstream.Limits, photos server.Photos) (*server.Combo, error) {
	parts := server.ComboParts{
		Searcher: client, Products: client, Offered: offered, Limits: limits, Photos: photos, PhotoCalls: 1, Source: a.source(),
	}
	if dialect.UploadImage.Offered() {
		parts.PhotoCalls++ // One call uploads the photo, another searches by it.
	}
	s := a.settings.Photos
	if !s.NoLikeness && !s.NoFetch {
		metrics, err := newLikenessMetrics(a.registry)
		if err != nil {
			return nil, err
		}
		parts.Looks = looks{metrics, fingerprints.New(fingerprints.Config{
			Fetcher: fetch.New(fetch.Config{
				HostsOnly: true, Hosts: a.imageHosts(), BytesMax: s.LikenessBytesMax, Timeout: s.FetchTimeout,
			}),
			Budget:  photos.Store.Budget(),
			Dir:     s.Dir,
			Limits:  imaging.Limits{MaxBytes: s.BytesMax, MaxPixels: s.PixelsMax},
			Metrics: metrics,
		})}
		parts.Thresholds = combo.Thresholds{SamePhoto: likeness.SamePhoto, LooksAlike: likeness.LooksAlike}
	}
	return server.NewCombo(parts), nil
}

// looks computes fingerprints of images for strategies.
type looks struct {
	metrics *likenessMetrics
	service *fingerprints.Service
}

// Look implements [combo.Pictures].
func (l looks) Look(ctx context.Context, p combo.Picture) (combo.Look, error) {
	var got fingerprints.Fingerprint
	var err error
	if own, ok := p.Handle.(upstream.Picture); ok && own.Photo != nil {
		got, err = l.service.Of(ctx, own.Key, own.Photo.Open(), own.Photo.Size())
	} else {
		got, err = l.service.At(ctx, p.URL)
	}
	if err != nil {
		return combo.Look{}, err
	}
	return combo.Look{Hash: got.Hash, Fingerprint: taken{got}, Fetched: got.Fetched}, nil
}

// Print implements [combo.Pictures].
func (l looks) Print(ctx context.Context, p combo.Picture) (combo.Print, error) {
	var got *likeness.Print
	var err error
	if own, ok := p.Handle.(upstream.Picture); ok && own.Photo != nil {
		got, err = l.service.PrintOf(ctx, own.Key, own.Photo.Open(), own.Photo.Size())
	} else {
		got, err = l.service.PrintAt(ctx, p.URL)
	}
	if err != nil || got == nil {
		return nil, err
	}
	return printed{got, l.metrics}, nil
}

// printed adapts a fine print for strategies.
type printed struct {
	*likeness.Print
	metrics *likenessMetrics
}

// SamePhoto implements [combo.Print].
func (p printed) SamePhoto(other combo.Print) float64 {
	q, ok := other.(printed)
	if !ok {
		return 0
	}
	p.metrics.compared.Inc()
	return likeness.Compare(p.Print, q.Print).Score
}

// taken adapts a fingerprint for strategies.
type taken struct{ fingerprints.Fingerprint }

// Likeness implements [combo.Fingerprint].
func (p taken) Likeness(other combo.Fingerprint) float64 {
	q, ok := other.(taken)
	if !ok {
		return 0
	}
	return p.Fingerprint.Likeness(q.Fingerprint.Fingerprint)
}

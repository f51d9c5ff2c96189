package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/test/page/weight"
)

// The promises about the page for people.
const (
	firstWordsMax = 3 * time.Second
	firstPhotoMax = 3 * time.Second
	keptShownMax  = 100 * time.Millisecond
)

const pagePhoto = "test/scenario/photos/earphones.jpg"

// pageFigures measures the page in a browser: how heavy it is, how soon it shows goods after the service was started, and how soon
// it shows goods that the service has stored. Service and browser run in processes of their own.
func pageFigures(ctx context.Context, r *report) error {
	b, err := startBrowser(ctx)
	if err != nil {
		return err
	}
	defer b.stop()
	for _, measure := range []func(context.Context, *report, *browser) error{pageWeight, firstCards, keptInPage} {
		if err := measure(ctx, r, b); err != nil {
			return err
		}
	}
	return nil
}

// pageWeight measures the bytes that the first view loads, and those of all built files.
func pageWeight(ctx context.Context, r *report, b *browser) error {
	s, err := startProgram(ctx)
	if err != nil {
		return err
	}
	defer s.kill()
	files, err := b.open(s.url)
	if err != nil {
		return err
	}
	var bytes int
	var names []string
	for _, f := range files {
		bytes += f.Bytes
		names = append(names, fmt.Sprintf("%s %.1f", strings.TrimPrefix(f.Name, s.url), kib(f.Bytes)))
	}
	r.promise("bytes of the first view, as sent, without pictures of goods", bytes <= weight.Max, fmt.Sprintf("%.0f KiB", kib(weight.Max)),
		"%.1f KiB", kib(bytes))
	r.figure("  of them, in KiB", "%s", strings.Join(names, ", "))
	all, docs, err := weight.Of(ctx, s.url)
	if err != nil {
		return err
	}
	r.promise("bytes of all files of the page, as sent, without those of /docs", all <= weight.Max, fmt.Sprintf("%.0f KiB", kib(weight.Max)),
		"%.1f KiB", kib(all))
	r.figure("the files of /docs", "%.1f KiB", kib(docs))
	return nil
}

func kib(bytes int) float64 { return float64(bytes) / 1024 }

// firstCards measures the time from the start of `zhaohuo serve` until the first goods are on the screen. The browser runs already.
func firstCards(ctx context.Context, r *report, b *browser) error {
	times := 5
	if r.brief {
		times = 1
	}
	for _, way := range []struct {
		name   string
		max    time.Duration
		search func() (shown, error)
	}{
		{"words", firstWordsMax, func() (shown, error) { return b.searchWords("保温杯") }},
		{"a photo", firstPhotoMax, func() (shown, error) { return b.searchPhoto(pagePhoto) }},
	} {
		var ready, opened, card, all []time.Duration
		for range times {
			steps, err := firstCard(ctx, b, way.search)
			if err != nil {
				return fmt.Errorf("by %s: %w", way.name, err)
			}
			ready, opened, card = append(ready, steps[0]), append(opened, steps[1]), append(card, steps[2])
			all = append(all, steps[0]+steps[1]+steps[2])
		}
		longest := slices.Max(all)
		r.promise("from the start of the service to the first card, by "+way.name, longest <= way.max, way.max.String(),
			"%.2f s, the longest of %d", longest.Seconds(), times)
		r.figure("  of it, medians: service ready, page loaded, first card", "%.2f s, %.2f s, %.2f s",
			middle(ready).Seconds(), middle(opened).Seconds(), middle(card).Seconds())
	}
	return nil
}

// firstCard starts a service, opens its page and searches. It returns how long each of these took.
func firstCard(ctx context.Context, b *browser, search func() (shown, error)) (steps [3]time.Duration, err error) {
	from := time.Now()
	s, err := startProgram(ctx)
	if err != nil {
		return steps, err
	}
	defer s.kill()
	ready := time.Now()
	if _, err := b.open(s.url); err != nil {
		return steps, err
	}
	open := time.Now()
	if _, err := search(); err != nil {
		return steps, err
	}
	return [3]time.Duration{ready.Sub(from), open.Sub(ready), time.Since(open)}, nil
}

// keptKeywords are searched for in turn. Each has more goods than a page shows.
func keptKeywords() []string {
	return []string{"保温杯", "手机壳", "蓝牙耳机", "数据线", "充电宝", "雨伞", "背包", "台灯", "连衣裙", "毛巾", "水杯", "袜子"}
}

// keptInPage measures searches whose answers are stored, from the key press until the cards are on the screen, by the browser's clock.
// The next key is pressed when the pictures in the window are loaded.
func keptInPage(ctx context.Context, r *report, b *browser) error {
	times := 20
	if r.brief {
		times = 2
	}
	s, err := startProgram(ctx)
	if err != nil {
		return err
	}
	defer s.kill()
	if _, err := b.open(s.url); err != nil {
		return err
	}
	for _, keyword := range keptKeywords() {
		if _, err := b.searchWords(keyword); err != nil {
			return err
		}
	}
	var took, asking, answering, showing, painting []time.Duration
	var bytes int
	for range times {
		for _, keyword := range keptKeywords() {
			if err := b.rest(); err != nil {
				return err
			}
			one, err := b.searchWords(keyword)
			if err != nil {
				return err
			}
			if !strings.Contains(one.Origin, "CACHE") || one.Pressed == 0 || one.Asked == 0 || one.Cards == 0 {
				return fmt.Errorf("%s: not a kept search: %+v", keyword, one)
			}
			took, asking, answering = append(took, span(one.Pressed, one.Painted)), append(asking, span(one.Pressed, one.Asked)), append(answering, span(one.Asked, one.Answered))
			showing, painting = append(showing, span(one.Answered, one.Shown)), append(painting, span(one.Shown, one.Painted))
			bytes = max(bytes, one.Bytes)
		}
	}
	p95 := nearly(took)
	r.promise(fmt.Sprintf("kept search, from the key press to its cards on the screen, p95 of %d", len(took)), p95 <= keptShownMax, keptShownMax.String(),
		"%.0f ms (median %.0f ms)", ms(p95), ms(middle(took)))
	for _, step := range []struct {
		name string
		took []time.Duration
	}{
		{"until the request", asking},
		{"until the answer", answering},
		{"until the cards are in the document", showing},
		{"until they are on the screen", painting},
	} {
		r.figure("  of it "+step.name+", p95", "%.1f ms (median %.1f ms)", ms(nearly(step.took)), ms(middle(step.took)))
	}
	r.figure("  the largest answer, as sent", "%.1f KiB", kib(bytes))
	return nil
}

// span is the time between two moments in milliseconds.
func span(from, to float64) time.Duration {
	return time.Duration((to - from) * float64(time.Millisecond))
}

func ms(d time.Duration) float64 { return d.Seconds() * 1000 }

// nearly is the 95th percentile.
func nearly(all []time.Duration) time.Duration {
	slices.Sort(all)
	return all[(len(all)*95+99)/100-1]
}

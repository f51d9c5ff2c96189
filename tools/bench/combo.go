package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/sandbox/catalog"
)

// The promises about FindSource, and the numbers of questions.
const (
	sourceQuestions  = 100
	sourceSingle     = 20 // questions about goods that only one supplier sells
	precisionPromise = 0.95
	recallPromise    = 0.9
)

// combos asks FindSource about random goods, by the title of an offer, by its picture and by both. It compares the offers
// that FindSource confirms with those of the same goods. Of goods with only one supplier there is at most one: the offer that
// shows the caller's picture. Without a picture every confirmed offer is wrong. A short title may also name other goods: their
// groups, which the answer lists separately, count as wrong too.
func combos(ctx context.Context, r *report) (err error) {
	seed, err := seedOf()
	if err != nil {
		return err
	}
	r.figure("seed of the questions (SEED=… asks the same)", "%d", seed)
	questions := sourcesAsked(seed)
	platform, err := startSandbox(ctx)
	if err != nil {
		return err
	}
	defer platform.stop()
	for _, dialect := range []string{"aop", "top"} {
		if err := combosIn(ctx, r, platform, dialect, questions); err != nil {
			return fmt.Errorf("%s: %w", dialect, err)
		}
	}
	return nil
}

// seedOf draws a new seed for each run. SEED repeats the questions of an earlier run.
func seedOf() (uint64, error) {
	text := os.Getenv("SEED")
	if text == "" {
		return rand.Uint64(), nil
	}
	seed, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		return 0, fmt.Errorf("SEED: %w", err)
	}
	return seed, nil
}

// sourceQuestion is about an offer that a buyer found. right holds the offers of the same goods that can be confirmed: those
// of all suppliers if there are several, else the offer itself if the buyer gives its picture, else none.
type sourceQuestion struct {
	offer          *catalog.Offer
	right          map[string]bool
	words, picture bool
	single         bool // Only one supplier sells them.
}

// sourcesAsked draws the questions.
func sourcesAsked(seed uint64) []sourceQuestion {
	groups := map[string][]*catalog.Offer{}
	var names []string
	for _, o := range catalog.Embedded() {
		if o.Status != catalog.StatusPublished {
			continue
		}
		if groups[o.Group] == nil {
			names = append(names, o.Group)
		}
		groups[o.Group] = append(groups[o.Group], o)
	}
	dice := rand.New(rand.NewPCG(seed, 7))
	dice.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	var all []sourceQuestion
	single, shared := sourceSingle, sourceQuestions-sourceSingle
	for _, name := range names {
		group := groups[name]
		quota := &shared
		q := sourceQuestion{offer: group[dice.IntN(len(group))], right: map[string]bool{}}
		if len(group) == 1 {
			quota = &single
		}
		if *quota == 0 {
			continue
		}
		q.words, q.picture = *quota%3 != 0, *quota%3 != 1
		q.single = len(group) == 1
		if !q.single || q.picture {
			for _, o := range group {
				q.right[strconv.FormatInt(o.ID, 10)] = true
			}
		}
		*quota--
		all = append(all, q)
	}
	return all
}

// sourceTally adds up the results of all questions.
type sourceTally struct {
	precision, recall   float64
	calls, budget, most int
	pictures            int
	singleWrong         int
}

func combosIn(ctx context.Context, r *report, p *platform, dialect string, questions []sourceQuestion) (err error) {
	at, err := url.Parse(p.url)
	if err != nil {
		return err
	}
	settings := map[string]string{"ZHAOHUO_DIALECT": dialect, "ZHAOHUO_IMAGE_HOSTS": at.Host, "ZHAOHUO_DATA_DIR": scratch()}
	if dialect == "top" {
		settings["ZHAOHUO_UPSTREAM_URL"] = p.url + "/router/rest"
	}
	service, err := startChild(ctx, against(p.url, settings), serviceRole)
	if err != nil {
		return err
	}
	defer service.stop()
	conn, err := dialText(service.said)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	client := zhaohuov1.NewComboServiceClient(conn)
	if err := warm(ctx, client, p, questions[0]); err != nil {
		return err
	}
	var tally sourceTally
	began := time.Now()
	for _, q := range questions {
		answer, err := ask(ctx, client, p, q)
		if err != nil {
			return err
		}
		tally.add(q, answer)
	}
	took := time.Since(began)
	n := float64(len(questions))
	precision, recall := tally.precision/n, tally.recall/n
	r.promise(dialect+": FindSource, precision over all questions", precision >= precisionPromise, strconv.FormatFloat(precisionPromise, 'f', 2, 64), "%.3f", precision)
	r.promise(dialect+": FindSource, recall over all questions", recall >= recallPromise, strconv.FormatFloat(recallPromise, 'f', 2, 64), "%.3f", recall)
	r.figure(dialect+": goods of one supplier of which another offer was confirmed", "%d of %d", tally.singleWrong, sourceSingle)
	r.promise(dialect+": upstream calls spent on one question, at most", tally.most <= tally.budget/len(questions),
		fmt.Sprintf("%d", tally.budget/len(questions)), "%d, %d of %d in all", tally.most, tally.calls, tally.budget)
	r.figure(dialect+": pictures looked at, and time, for one question", "%.0f, %.2f s", float64(tally.pictures)/n, took.Seconds()/n)
	return nil
}

// warm makes the sandbox compute the fingerprints of its pictures, for which the first search by picture waits.
func warm(ctx context.Context, client zhaohuov1.ComboServiceClient, p *platform, q sourceQuestion) error {
	const longest = 5 * time.Minute
	ctx, cancel := context.WithTimeout(ctx, longest)
	defer cancel()
	_, err := ask(ctx, client, p, sourceQuestion{offer: q.offer, picture: true})
	return err
}

func ask(ctx context.Context, client zhaohuov1.ComboServiceClient, p *platform, q sourceQuestion) (*zhaohuov1.FindSourceResponse, error) {
	request := &zhaohuov1.FindSourceRequest{}
	if q.words {
		request.Keyword = firstRunes(q.offer.Title, 100)
	}
	if q.picture {
		request.Image = &zhaohuov1.ImageSource{Source: &zhaohuov1.ImageSource_Url{Url: fmt.Sprintf("%s/img/%d.jpg", p.url, q.offer.ID)}}
	}
	return client.FindSource(ctx, request)
}

func firstRunes(s string, n int) string {
	if runes := []rune(s); len(runes) > n {
		return strings.TrimSpace(string(runes[:n]))
	}
	return s
}

// add counts one answer. Precision is 1 when nothing is confirmed; recall is 1 when there is nothing to find.
func (t *sourceTally) add(q sourceQuestion, a *zhaohuov1.FindSourceResponse) {
	var confirmed []string
	for _, g := range a.GetGroups() {
		for _, o := range g.GetOffers() {
			confirmed = append(confirmed, o.GetProduct().GetId())
		}
	}
	hits := len(slices.DeleteFunc(slices.Clone(confirmed), func(id string) bool { return !q.right[id] }))
	t.precision += share(hits, len(confirmed))
	t.recall += share(hits, len(q.right))
	if len(q.right) == 0 && len(confirmed) > 0 {
		t.recall-- // The right answer was none.
	}
	if q.single && hits < len(confirmed) {
		t.singleWrong++
	}
	t.calls += int(a.GetMeta().GetUpstreamCalls())
	t.budget += int(a.GetMeta().GetUpstreamCallBudget())
	t.most = max(t.most, int(a.GetMeta().GetUpstreamCalls()))
	t.pictures += int(a.GetMeta().GetImagesFetched())
}

func share(part, total int) float64 {
	if total == 0 {
		return 1
	}
	return float64(part) / float64(total)
}

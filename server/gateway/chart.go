package gateway

import (
	"context"
	"errors"
	"net/http"
	"strconv"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/rpcerr"
	"github.com/zhaohuo-dev/zhaohuo/internal/pricewatch/chart"
)

const (
	// pathChart is a picture of a watch's trend. It is no RPC: the picture is drawn of what QueryPriceTrend answers, whose
	// parameters it takes.
	pathChart = "/v1/priceWatches/{id}/chart.svg"
	// pathTrend is the route of QueryPriceTrend.
	pathTrend = "/v1/priceWatches/{id}:queryTrend"
)

// pictureOnly is the policy of a picture that is opened as a page of its own: it may have colors, and nothing else. No script
// runs in it and nothing is fetched for it, whatever text it holds.
const pictureOnly = "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; sandbox"

// registerChart adds the route of the picture to those of the contract.
func (g *gateway) registerChart() error {
	return g.registerFile(pathChart, g.routes[routeKey(http.MethodGet, pathTrend)], g.chart)
}

// registerFile adds the route of a file that is made from the answer of an RPC. It takes that RPC's parameters.
func (g *gateway) registerFile(path string, of route, serve runtime.HandlerFunc) error {
	of.isFile = true
	g.routes[routeKey(http.MethodGet, path)] = of
	return errors.Join(
		named(path, g.api.HandlePath(http.MethodGet, path, serve)),
		named(path, g.probe.HandlePath(http.MethodGet, path, serve)),
	)
}

// chart answers with the picture. The query is checked already.
func (g *gateway) chart(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
	question := &zhaohuov1.QueryPriceTrendRequest{}
	if err := readQuery(question, r.URL.Query(), pathParams); err != nil {
		g.fail(w, r, err)
		return
	}
	question.Id = pathParams["id"]
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	ctx, err := runtime.AnnotateContext(ctx, g.api, r, zhaohuov1.PriceWatchService_QueryPriceTrend_FullMethodName)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	trend, err := zhaohuov1.NewPriceWatchServiceClient(g.Conn).QueryPriceTrend(ctx, question)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	svg, err := chart.SVG(chart.Options{
		Title: trend.GetWatchDisplayName(), Trend: trend, Chinese: rpcerr.PrefersChinese(r.Header.Get("Accept-Language")),
	})
	if err != nil {
		g.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "image/svg+xml")
	w.Header().Set("Content-Security-Policy", pictureOnly)
	w.Header().Set("Content-Length", strconv.Itoa(len(svg)))
	_, _ = w.Write(svg) // The caller has gone if it fails.
}

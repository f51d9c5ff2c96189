package gateway

import (
	"archive/zip"
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

const (
	// pathPictureZip is a ZIP file of all pictures of a product. It is no RPC: the pictures are those that GetProduct names, whose
	// parameters it takes.
	pathPictureZip = "/v1/products/{id}/pictures.zip"
	// pathProduct is the route of GetProduct.
	pathProduct = "/v1/products/{id}"
	// zipsAtOnce bounds how many such files are made at a time. Each holds one picture in memory.
	zipsAtOnce = 8
)

// PictureFetcher fetches a picture of goods.
type PictureFetcher interface {
	// Fetch writes the picture at the address into the writer. Its faults are those of the package fetch.
	Fetch(ctx context.Context, address string, into io.Writer) error
}

// registerPictureZip adds the route of the file to those of the contract.
func (g *gateway) registerPictureZip() error {
	if g.Pictures == nil {
		return nil
	}
	g.zips = make(chan struct{}, zipsAtOnce)
	asked := g.routes[routeKey(http.MethodGet, pathProduct)]
	asked.streams = true
	return g.registerFile(pathPictureZip, asked, g.pictureZip)
}

// pictureZip answers with the file. The query is checked already.
func (g *gateway) pictureZip(w http.ResponseWriter, r *http.Request, pathParams map[string]string) {
	product, err := g.productOf(r, pathParams)
	if err != nil {
		g.fail(w, r, err)
		return
	}
	select {
	case g.zips <- struct{}{}:
		defer func() { <-g.zips }()
	case <-r.Context().Done():
		g.fail(w, r, fault.New(fault.CallerGone, "the caller has left"))
		return
	}
	file := pictureFile{gateway: g, id: product.GetSummary().GetId()}
	if err := file.write(r.Context(), w, picturesOf(product)); err != nil {
		if file.begun() {
			panic(http.ErrAbortHandler) // A file that ends too early must not pass for a whole one.
		}
		g.fail(w, r, err)
	}
}

func (g *gateway) productOf(r *http.Request, pathParams map[string]string) (*zhaohuov1.ProductDetail, error) {
	question := &zhaohuov1.GetProductRequest{}
	if err := readQuery(question, r.URL.Query(), pathParams); err != nil {
		return nil, err
	}
	question.Id = pathParams["id"]
	ctx, err := runtime.AnnotateContext(r.Context(), g.api, r, zhaohuov1.ProductService_GetProduct_FullMethodName)
	if err != nil {
		return nil, err
	}
	answer, err := zhaohuov1.NewProductServiceClient(g.Conn).GetProduct(ctx, question)
	return answer.GetProduct(), err
}

// picturesOf lists the addresses of all pictures of a product, the main one first, each once.
func picturesOf(p *zhaohuov1.ProductDetail) []string {
	all := append([]string{p.GetSummary().GetImageUrl()}, p.GetImageUrls()...)
	for _, sku := range p.GetSkus() {
		all = append(all, sku.GetImageUrl())
	}
	var out []string
	for _, address := range all {
		if address != "" && !slices.Contains(out, address) {
			out = append(out, address)
		}
	}
	return out
}

// pictureFile is a ZIP file that is written while its pictures arrive.
type pictureFile struct {
	*gateway
	id      string
	archive *zip.Writer
	missing []string
}

func (f *pictureFile) begun() bool { return f.archive != nil }

// write writes the pictures that can be fetched, and the names of the others into missing.txt. It fails if there is none: nothing
// has been written then.
func (f *pictureFile) write(ctx context.Context, w http.ResponseWriter, addresses []string) error {
	if len(addresses) == 0 {
		return fault.New(fault.ImageFetchFailed, "product %s has no picture", f.id)
	}
	var last error
	for i, address := range addresses {
		var picture bytes.Buffer
		if err := f.Pictures.Fetch(ctx, address, &picture); err != nil {
			if ctx.Err() != nil {
				return err
			}
			last = err
			f.missing = append(f.missing, address)
			continue
		}
		if err := f.add(w, i+1, picture.Bytes()); err != nil {
			return err
		}
	}
	if !f.begun() {
		return last
	}
	if len(f.missing) > 0 {
		if err := f.entry("missing.txt", []byte(strings.Join(f.missing, "\n")+"\n")); err != nil {
			return err
		}
	}
	return f.archive.Close()
}

// add writes a picture, and before the first one the header of the answer.
func (f *pictureFile) add(w http.ResponseWriter, number int, picture []byte) error {
	if !f.begun() {
		w.Header().Set("Content-Type", "application/zip")
		w.Header().Set("Content-Disposition", `attachment; filename="`+f.id+`.zip"`)
		f.archive = zip.NewWriter(w)
	}
	return f.entry(fmt.Sprintf("%s-%02d%s", f.id, number, endingOf(picture)), picture)
}

// entry stores a file as it is: pictures are compressed already.
func (f *pictureFile) entry(name string, body []byte) error {
	into, err := f.archive.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Now()})
	if err != nil {
		return err
	}
	_, err = into.Write(body)
	return err
}

// endingOf is the usual end of the name of such a picture.
func endingOf(picture []byte) string {
	switch kind := http.DetectContentType(picture); {
	case kind == "image/jpeg":
		return ".jpg"
	case strings.HasPrefix(kind, "image/"):
		return "." + strings.TrimPrefix(kind, "image/")
	case bytes.Contains(picture[:min(len(picture), 32)], []byte("ftypavif")):
		return ".avif"
	case bytes.Contains(picture[:min(len(picture), 32)], []byte("ftyp")):
		return ".heic"
	}
	return ""
}

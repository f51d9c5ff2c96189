package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/alecthomas/kong"
	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// fileName is a file's name in the system's bytes. The parser's strings lose bytes that are not UTF-8.
type fileName string

// Decode implements [kong.MapperValue].
func (f *fileName) Decode(ctx *kong.DecodeContext) error {
	*f = fileName(ctx.Scan.Pop().String())
	return nil
}

// imageCommand searches by one image, or by many photos into a file. -o decides which: a file name has an extension and
// an output format has none, so -o has the meaning of both search and batch.
type imageCommand struct {
	Photos  []fileName `arg:"" optional:"" name:"photo" placeholder:"FILE" help:"Photos to search by: JPEG, PNG, WebP, GIF, HEIC or AVIF. One may also be an address, an image id, or a link to a product on 1688. - reads one from standard input. Several need -o with a file to write."`
	URL     string     `name:"url" placeholder:"URL" help:"Search by the image at this address instead."`
	ID      string     `name:"id" placeholder:"IMAGE_ID" help:"Search by an uploaded photo, by its image id."`
	Keyword string     `name:"keyword" placeholder:"WORDS" help:"Keywords that the products must also match."`
	Region  string     `name:"region" placeholder:"LEFT,TOP,RIGHT,BOTTOM" help:"Search by this region of the image only: its edges as fractions from 0 to 1 of the upright image, such as 0.1,0.1,0.6,0.9."`

	imageHints `embed:""`
	narrowing  `embed:""`
	csvOptions `embed:""`

	Page   *int32 `name:"page" placeholder:"N" help:"Page, from 1."`
	Output string `name:"output" short:"o" default:"table" placeholder:"FORM|FILE" help:"Form of the answer: table (unless set), json or csv. Or a file to write, recognized by its extension: .csv, .xlsx, .json, .ndjson or .jsonl (one photo per line). Rerun the command to resume after a stop or to retry failures, also with more photos. Once all are answered the file is not changed again."`
	Raw    bool   `name:"raw" help:"Add the upstream's own JSON of each product. Needs -o json, or a file other than .csv."`

	Target target `embed:"" group:"Server"`
}

// imageHints are words that help to understand an image. Empty ones are left out of the fingerprint of many photos, so that
// files begun before there were such words can be resumed.
type imageHints struct {
	ItemTitle     string `name:"item-title" placeholder:"TITLE" json:",omitempty" help:"Title of the goods on the image, for a better match. Only with dialect aop."`
	AuxiliaryText string `name:"auxiliary-text" placeholder:"WORDS" json:",omitempty" help:"Words that help to understand the image. Unlike --keyword they exclude nothing. Only with dialect aop."`
}

// Run requests and writes the answer, or many answers to a file.
func (c *imageCommand) Run(s *session) error {
	options, err := c.options()
	if err != nil {
		return err
	}
	if err := c.sortPictures(s); err != nil {
		return err
	}
	switch c.Output {
	case "table", "csv":
		if c.Raw {
			return usage("--raw needs -o json, or a file other than .csv")
		}
		fallthrough
	case "json":
		return c.one(s, options)
	}
	return c.intoFile(s, options)
}

// sortPictures classifies a single argument that is no file: an address, an image id, or a link to a product.
func (c *imageCommand) sortPictures(s *session) error {
	if len(c.Photos) != 1 {
		return nil
	}
	argument := string(c.Photos[0])
	found, err := recognize(argument)
	switch {
	case err != nil:
		return err
	case found.file != "" || !found.isPicture(): // Anything else is a file; opening it returns the error.
		return nil
	case c.URL != "" || c.ID != "":
		return usage("give one image: a FILE, --url or --id")
	case found.offer != "":
		if found.url, err = s.pictureOf(c.Target, found.offer); err != nil {
			return err
		}
	}
	c.Photos, c.URL, c.ID = nil, found.url, found.imageID
	return nil
}

// options are the request's fields beside the image.
func (c *imageCommand) options() (*zhaohuov1.ImageSearchOptions, error) {
	filters, err := filtersOf(c.Filter)
	if err != nil {
		return nil, err
	}
	region, err := regionOf(c.Region)
	if err != nil {
		return nil, err
	}
	return &zhaohuov1.ImageSearchOptions{
		Keyword: c.Keyword, CategoryId: c.Category, Page: c.Page, PageSize: c.PageSize, Sort: sorts[c.Sort], PriceMin: c.MinPrice,
		PriceMax: c.MaxPrice, Filters: filters, LanguageCode: c.Language, IncludeRaw: c.Raw, Region: region,
		ItemTitle: c.ItemTitle, AuxiliaryText: c.AuxiliaryText,
	}, nil
}

// one searches with one image.
func (c *imageCommand) one(s *session, options *zhaohuov1.ImageSearchOptions) error {
	given := len(c.Photos)
	for _, source := range []string{c.URL, c.ID} {
		if source != "" {
			given++
		}
	}
	switch {
	case given > 1 && given == len(c.Photos):
		return usage("several photos need a file to write: -o NAME.csv, .xlsx, .json, .ndjson or .jsonl")
	case given != 1:
		return usage("give one image: a FILE, --url or --id")
	case len(c.Photos) == 1:
		return c.upload(s, string(c.Photos[0]), options)
	}
	q := &zhaohuov1.ImageSearchRequest{Image: imageSource(c.URL, c.ID)}
	fields.Copy(q, options)
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewSearchServiceClient, zhaohuov1.SearchServiceClient.ImageSearch), q)
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	if err := s.writePage(c.Output, pageOf(answer, answer.Total)); err != nil {
		return err
	}
	s.printRegions(answer.GetRegions())
	return nil
}

func (c *imageCommand) upload(s *session, name string, options *zhaohuov1.ImageSearchOptions) error {
	photo, size, err := s.openPhoto(name)
	if err != nil {
		return err
	}
	defer photo.Close()
	answer, err := ask(s, c.Target, sending(s.withProgress(photo, size)), options)
	if err != nil {
		return err
	}
	found := answer.GetResponse()
	s.warnOfSandbox(found.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, found)
	}
	if err := s.writePage(c.Output, pageOf(found, found.Total)); err != nil {
		return err
	}
	s.printRegions(found.GetRegions())
	s.note("search by this photo again with --id %s, until %s", found.GetImageId(), found.GetExpireTime().AsTime().Local().Format("15:04"))
	return nil
}

// openPhoto opens a file, or standard input, whose size is unknown (-1).
func (s *session) openPhoto(name string) (io.ReadCloser, int64, error) {
	if name == "-" {
		return io.NopCloser(s.Stdin), -1, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, 0, usage("%v", err)
	}
	info, err := file.Stat()
	if err != nil {
		return nil, 0, errors.Join(usage("%v", err), file.Close())
	}
	if info.IsDir() {
		return nil, 0, errors.Join(usage("%s is a folder", name), file.Close())
	}
	return file, info.Size(), nil
}

// withProgress shows on a terminal how much was read.
func (s *session) withProgress(r io.Reader, size int64) io.Reader {
	screen, ok := s.Stderr.(*os.File)
	if !ok || !term.IsTerminal(int(screen.Fd())) {
		return r
	}
	bar := progressbar.NewOptions64(size,
		progressbar.OptionSetWriter(screen), progressbar.OptionShowBytes(true),
		progressbar.OptionSetDescription("sending"), progressbar.OptionClearOnFinish())
	return io.TeeReader(r, bar)
}

// sending is the RPC that streams a photo after its options.
func sending(photo io.Reader) func(context.Context, grpc.ClientConnInterface, *zhaohuov1.ImageSearchOptions, ...grpc.CallOption) (*zhaohuov1.UploadImageSearchResponse, error) {
	return func(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.ImageSearchOptions, o ...grpc.CallOption) (*zhaohuov1.UploadImageSearchResponse, error) {
		stream, err := zhaohuov1.NewSearchServiceClient(conn).UploadImageSearch(ctx, o...)
		if err != nil {
			return nil, err
		}
		err = stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: &zhaohuov1.UploadImageSearchRequest_Options{Options: q}})
		buffer := make([]byte, contract.UploadChunk)
		for err == nil {
			var n int
			n, err = io.ReadFull(photo, buffer)
			if n > 0 {
				chunk := &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: buffer[:n]}
				if sendErr := stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: chunk}); sendErr != nil {
					err = io.EOF // The server has already answered; the answer says why.
				}
			}
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		return stream.CloseAndRecv()
	}
}

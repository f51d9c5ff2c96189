package cli

import (
	"context"
	"errors"
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// uploadChunk is how much of a photo goes in one message.
const uploadChunk = 64 << 10

// imageCommand searches goods by a picture.
type imageCommand struct {
	Photo   string `arg:"" optional:"" name:"photo" placeholder:"FILE" help:"Photo to search by: JPEG, PNG, WebP or GIF. - reads standard input."`
	URL     string `name:"url" placeholder:"URL" help:"Search by the picture at this address instead."`
	ID      string `name:"id" placeholder:"IMAGE_ID" help:"Search by a photo sent before, by the id its answer gave."`
	Keyword string `name:"keyword" placeholder:"WORDS" help:"Words the goods should also fit."`

	criteria `embed:""`

	Target target `embed:"" group:"Server"`
}

// Run asks and writes the answer.
func (c *imageCommand) Run(s *session) error {
	given := 0
	for _, source := range []string{c.Photo, c.URL, c.ID} {
		if source != "" {
			given++
		}
	}
	if given != 1 {
		return usage("give one picture: a FILE, --url or --id")
	}
	filters, err := c.filters()
	if err != nil {
		return err
	}
	if c.Photo != "" {
		return c.upload(s, filters)
	}
	answer, err := ask(s, c.Target, imageSearch, &zhaohuov1.ImageSearchRequest{
		ImageUrl: c.URL, ImageId: c.ID,
		Keyword: c.Keyword, CategoryId: c.Category, Page: c.Page, PageSize: c.PageSize, Sort: sorts[c.Sort],
		PriceMin: c.MinPrice, PriceMax: c.MaxPrice, Filters: filters, Language: c.Language, IncludeRaw: c.Raw,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return s.writePage(c.Output, pageOf(answer, answer.Total))
}

func (c *imageCommand) upload(s *session, filters []zhaohuov1.Filter) error {
	photo, size, err := s.openPhoto(c.Photo)
	if err != nil {
		return err
	}
	defer photo.Close()
	options := &zhaohuov1.ImageSearchOptions{
		Keyword: c.Keyword, CategoryId: c.Category, Page: c.Page, PageSize: c.PageSize, Sort: sorts[c.Sort],
		PriceMin: c.MinPrice, PriceMax: c.MaxPrice, Filters: filters, Language: c.Language, IncludeRaw: c.Raw,
	}
	answer, err := ask(s, c.Target, sending(s.withProgress(photo, size)), options)
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
	s.note("search by this photo again with --id %s, until %s", answer.GetImageId(), answer.GetExpiresAt().AsTime().Local().Format("15:04"))
	return nil
}

// openPhoto opens a file, or standard input, whose size is not known (-1).
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

// withProgress shows how far the reading is, where somebody looks.
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
		buffer := make([]byte, uploadChunk)
		for err == nil {
			var n int
			n, err = io.ReadFull(photo, buffer)
			if n > 0 {
				chunk := &zhaohuov1.UploadImageSearchRequest_Chunk{Chunk: buffer[:n]}
				if sendErr := stream.Send(&zhaohuov1.UploadImageSearchRequest{Part: chunk}); sendErr != nil {
					err = io.EOF // The server has answered already: its answer says why.
				}
			}
		}
		if !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
			return nil, err
		}
		return stream.CloseAndRecv()
	}
}

func imageSearch(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.ImageSearchRequest, o ...grpc.CallOption) (*zhaohuov1.ImageSearchResponse, error) {
	return zhaohuov1.NewSearchServiceClient(conn).ImageSearch(ctx, q, o...)
}

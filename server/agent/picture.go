package agent

import (
	"bytes"
	"context"
	"errors"
	"image/jpeg"

	"github.com/google/jsonschema-go/jsonschema"
	"github.com/modelcontextprotocol/go-sdk/mcp"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/imaging"
)

const (
	// picturesMax bounds the small pictures of one answer.
	picturesMax = 4
	// pictureSide is the longer side of a small picture in pixels, at most.
	pictureSide = 256
	// pictureBytesMax and picturePixelsMax bound the pictures that small ones are made of.
	pictureBytesMax  = 8 << 20
	picturePixelsMax = 24_000_000
	// pictureQuality is the quality of the JPEG.
	pictureQuality = 75
)

// shapePictures removes the argument where no picture can be fetched.
func (s *Server) shapePictures(schema *jsonschema.Schema) {
	if s.config.Pictures == nil {
		delete(schema.Properties, "pictures")
	}
}

// pictures are small pictures of the first products. One that cannot be fetched is left out.
func (c *call) pictures(ctx context.Context, products []*zhaohuov1.Product, wanted int) []mcp.Content {
	if c.config.Pictures == nil {
		return nil
	}
	var all []mcp.Content
	for _, p := range products[:min(wanted, len(products))] {
		if p.GetImageUrl() == "" {
			continue
		}
		small, err := c.picture(ctx, p.GetImageUrl())
		if err != nil {
			c.config.Log.DebugContext(ctx, "a picture of goods is left out", "product", p.GetId(), "error", err)
			continue
		}
		all = append(all, &mcp.TextContent{Text: p.GetId() + ":"}, &mcp.ImageContent{Data: small, MIMEType: "image/jpeg"})
	}
	return all
}

// picture is a small picture of what is at an address.
func (c *call) picture(ctx context.Context, address string) ([]byte, error) {
	// Each picture takes memory while it is decoded, whoever asks.
	select {
	case c.decoding <- struct{}{}:
		defer func() { <-c.decoding }()
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	var fetched bounds
	if err := c.config.Pictures.Fetch(ctx, address, &fetched); err != nil {
		return nil, err
	}
	picture, err := imaging.Inspect(ctx, bytes.NewReader(fetched.Bytes()), int64(fetched.Len()), imaging.Limits{MaxBytes: pictureBytesMax, MaxPixels: picturePixelsMax})
	if err != nil {
		return nil, err
	}
	decoded, err := picture.Decode(ctx, pictureSide)
	if err != nil {
		return nil, err
	}
	var small bytes.Buffer
	if err := jpeg.Encode(&small, decoded, &jpeg.Options{Quality: pictureQuality}); err != nil {
		return nil, err
	}
	return small.Bytes(), nil
}

// bounds is a buffer of at most pictureBytesMax bytes.
type bounds struct{ bytes.Buffer }

func (b *bounds) Write(p []byte) (int, error) {
	if b.Len()+len(p) > pictureBytesMax {
		return 0, errors.New("agent: the picture is too large")
	}
	return b.Buffer.Write(p)
}

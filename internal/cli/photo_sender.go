package cli

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"os"
	"sync"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/server/contract"
)

// tagBytesMax is the contract's bound of an image's tag.
const tagBytesMax = 256

// photoSender sends photos one after the other and holds only one chunk. A photo's hash is of the bytes that were sent,
// so a file that changes meanwhile is not confused with another.
type photoSender struct {
	options *zhaohuov1.ImageSearchOptions
	names   []string
	// missed is why no photo was sent from some position on; those before are complete. Read it after the exchange.
	missed error

	mu sync.Mutex
	// sums has the hash of each photo that was begun; empty until it was sent completely.
	sums []string
}

// sum reports whether a photo was begun, and its hash once it was sent.
func (p *photoSender) sum(index int) (begun bool, sum string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if index < 0 || index >= len(p.sums) {
		return false, ""
	}
	return true, p.sums[index]
}

func (p *photoSender) begin() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sums = append(p.sums, "")
}

func (p *photoSender) finish(sum hash.Hash) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.sums[len(p.sums)-1] = hex.EncodeToString(sum.Sum(nil))
}

// all sends the options and the photos. It fails if a photo cannot be read to its end: the server would take the part
// for the complete photo. If a photo cannot be opened, sending ends in order, and the photos before it are answered.
func (p *photoSender) all(to outbound[zhaohuov1.BatchImageSearchRequest]) error {
	if !to.put(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Options{Options: p.options}}) {
		return nil
	}
	buffer := make([]byte, contract.UploadChunk)
	for _, name := range p.names {
		more, err := p.photo(to, name, buffer)
		if err != nil || !more {
			return err
		}
	}
	to.end()
	return nil
}

// photo sends one photo, and reports whether more can be sent.
func (p *photoSender) photo(to outbound[zhaohuov1.BatchImageSearchRequest], name string, buffer []byte) (more bool, _ error) {
	file, err := os.Open(name)
	if err != nil {
		return p.miss(to, err)
	}
	defer file.Close() //nolint:errcheck // The file was only read.
	return p.bytes(to, name, file, buffer)
}

func (p *photoSender) bytes(to outbound[zhaohuov1.BatchImageSearchRequest], name string, from io.Reader, buffer []byte) (more bool, _ error) {
	n, last, err := fill(from, buffer)
	if err != nil {
		return p.miss(to, err)
	}
	picture := &zhaohuov1.BatchImage{}
	if len(name) <= tagBytesMax {
		picture.Tag = name
	}
	p.begin()
	if !to.put(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Image{Image: picture}}) {
		return false, nil
	}
	sum := sha256.New()
	for {
		sum.Write(buffer[:n])
		if n > 0 && !to.put(&zhaohuov1.BatchImageSearchRequest{Part: &zhaohuov1.BatchImageSearchRequest_Chunk{Chunk: buffer[:n]}}) {
			return false, nil
		}
		if last {
			p.finish(sum)
			return true, nil
		}
		if n, last, err = fill(from, buffer); err != nil {
			return false, keeping(err)
		}
	}
}

// miss ends the sending before a photo that cannot be opened.
func (p *photoSender) miss(to outbound[zhaohuov1.BatchImageSearchRequest], err error) (bool, error) {
	p.missed = keeping(err)
	to.end()
	return false, nil
}

// keeping is an error that ends a run and loses nothing that is done.
func keeping(err error) error { return trouble("%w: the answers before are kept", err) }

// fill reads the next chunk, and reports whether it is the last. If the photo's size is a multiple of the buffer's, the
// last chunk is empty.
func fill(photo io.Reader, buffer []byte) (n int, last bool, _ error) {
	n, err := io.ReadFull(photo, buffer)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return n, true, nil
	}
	return n, false, err
}

// photoSum is the hash of a photo's content.
func photoSum(name string) (string, error) {
	file, err := os.Open(name)
	if err != nil {
		return "", usage("%v", err)
	}
	defer file.Close() //nolint:errcheck // The file was only read.
	sum := sha256.New()
	if _, err := io.Copy(sum, file); err != nil {
		return "", usage("%v", err)
	}
	return hex.EncodeToString(sum.Sum(nil)), nil
}

package form

import (
	"cmp"
	"errors"
	"io"
	"strings"

	"github.com/zhaohuo-dev/zhaohuo/upstream"
)

// CompareJoined compares two parameters bytewise, each as its name followed by its text. It builds no joined text. It
// reads a photo only if all before it is equal, and only up to the first difference.
func CompareJoined(a, b upstream.Param) (int, error) {
	n := min(len(a.Name), len(b.Name))
	if c := strings.Compare(a.Name[:n], b.Name[:n]); c != 0 {
		return c, nil
	}
	return compareTexts(a, b)
}

// compareTexts is CompareJoined for names of which one begins with the other, which is rare.
func compareTexts(a, b upstream.Param) (int, error) {
	left, right := joined{param: a}, joined{param: b}
	for {
		if err := errors.Join(left.fill(), right.fill()); err != nil {
			return 0, err
		}
		n := min(len(left.now), len(right.now))
		if n == 0 {
			return cmp.Compare(len(left.now), len(right.now)), nil // At least one of them has ended.
		}
		if c := strings.Compare(left.now[:n], right.now[:n]); c != 0 {
			return c, nil
		}
		left.now, right.now = left.now[n:], right.now[n:]
	}
}

// joined yields a parameter's name and text in pieces.
type joined struct {
	param upstream.Param
	// part is what comes after now.
	part    part
	now     string
	encoder encoder
}

type part uint8

const (
	partName part = iota
	partValue
	partPhoto
	partInPhoto
	partTail
	partNone
)

// fill makes sure that now is empty only at the end.
func (j *joined) fill() error {
	for j.now == "" && j.part != partNone {
		switch j.part {
		case partName:
			j.now, j.part = j.param.Name, partValue
		case partValue:
			j.now, j.part = j.param.Value, partPhoto
		case partPhoto:
			if j.part = partTail; j.param.Photo != nil {
				j.part = partInPhoto
				j.encoder.open(j.param.Photo, compareBytes)
			}
		case partInPhoto:
			text, err := j.encoder.next()
			switch {
			case errors.Is(err, io.EOF):
				j.part = partTail
			case err != nil:
				return err
			}
			j.now = string(text)
		default:
			j.now, j.part = j.param.Tail, partNone
		}
	}
	return nil
}

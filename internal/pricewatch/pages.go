package pricewatch

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"strconv"
	"strings"
	"time"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
)

// pages makes and reads the page tokens of one list. A token is bound to what was asked for: with another question, the place
// in it means nothing.
type pages struct {
	list, question string
}

const (
	tokenSumBytes  = 9
	tokenSeparator = "\x1f"
)

func (p pages) sum(place string) []byte {
	sum := sha256.Sum256([]byte(p.list + "\x00" + p.question + "\x00" + place))
	return sum[:tokenSumBytes]
}

// token asks for what follows a place.
func (p pages) token(place ...string) string {
	text := strings.Join(place, tokenSeparator)
	return base64.RawURLEncoding.EncodeToString(append(p.sum(text), text...))
}

// read is the place of a token that token made, which has n parts.
func (p pages) read(token string, n int) ([]string, error) {
	raw, err := base64.RawURLEncoding.DecodeString(token)
	if err == nil && len(raw) > tokenSumBytes {
		text := string(raw[tokenSumBytes:])
		place := strings.Split(text, tokenSeparator)
		if subtle.ConstantTimeCompare(raw[:tokenSumBytes], p.sum(text)) == 1 && len(place) == n {
			return place, nil
		}
	}
	return nil, fault.Invalid("page_token", "PAGE_TOKEN", "is none that an answer to this question gave: begin with the first page")
}

func millisText(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 10) }

// millis reads what millisText wrote.
func millis(text string) time.Time {
	n, _ := strconv.ParseInt(text, 10, 64) // The token's sum was right.
	return time.UnixMilli(n)
}

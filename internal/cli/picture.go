package cli

import (
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// given is one classified argument. At most one field is set; none for words.
type given struct {
	// file is a file's name, or - for standard input.
	file string
	// url is the address of an image.
	url string
	// imageID is the id of a photo that was sent before.
	imageID string
	// offer is the id of a product, from a link to its page on 1688.
	offer string
}

// isPicture reports whether the argument names an image, or a product that has one.
func (g given) isPicture() bool { return g != given{} }

// imageIDForm is the form of image ids in answers.
var imageIDForm = regexp.MustCompile(`^img_[a-z2-7]{32}$`)

// sharedLink finds a web address in a text shared from 1688's apps.
var sharedLink = regexp.MustCompile(`(?:https?://)?(?:[a-zA-Z0-9-]+\.)*1688\.com/[^\s"'<>，。（）]*`)

// hostLetters are the characters of host names.
const hostLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._"

// offerPath matches the id in the path of an offer's page.
var offerPath = regexp.MustCompile(`/offer/(\d+)(?:\.html?)?(?:/|$)`)

// offerIn finds the product id in a link to 1688, or in a text with such a link; empty for none. isLink is true if
// there is a link, so that a short link without an id is not treated as words.
func offerIn(text string) (id string, link bool) {
	for _, at := range sharedLink.FindAllStringIndex(text, -1) {
		found := text[at[0]:at[1]]
		if at[0] > 0 && strings.ContainsRune(hostLetters, rune(text[at[0]-1])) {
			continue // The end of a longer host name.
		}
		if !strings.Contains(found, "://") {
			found = "https://" + found
		}
		address, err := url.Parse(found)
		if err != nil {
			continue
		}
		if host := address.Hostname(); host != "1688.com" && !strings.HasSuffix(host, ".1688.com") {
			continue
		}
		link = true
		if path := offerPath.FindStringSubmatch(address.Path); path != nil {
			return path[1], true
		}
		query := address.Query()
		for _, name := range []string{"offerId", "offerid", "offer_id", "objectId", "object_id", "itemId", "id"} {
			if value := query.Get(name); value != "" && strings.Trim(value, "0123456789") == "" {
				return value, true
			}
		}
	}
	return "", link
}

// productID is the id in an argument: the id itself, or a link to the product's page.
func productID(argument string) (string, error) {
	id, link := offerIn(argument)
	switch {
	case id != "":
		return id, nil
	case link:
		return "", usage("%s: the link names no product: open it in a browser and copy the address of the product's page, such as https://detail.1688.com/offer/620201390233.html", argument)
	case strings.Contains(argument, "://"):
		return "", usage("%s: this is not a link to a product on 1688, such as https://detail.1688.com/offer/620201390233.html", argument)
	}
	return argument, nil
}

// recognize classifies an argument. A name with an image's extension is a file even if it does not exist: nobody
// searches for the words "photo.jpg".
func recognize(argument string) (given, error) {
	if argument == "-" {
		return given{file: argument}, nil
	}
	id, link := offerIn(argument)
	switch {
	case id != "":
		return given{offer: id}, nil
	case imageIDForm.MatchString(argument):
		return given{imageID: argument}, nil
	}
	if lower := strings.ToLower(argument); strings.HasPrefix(lower, "http://") || strings.HasPrefix(lower, "https://") {
		if link && !pictureName(argument) {
			_, err := productID(argument)
			return given{}, err
		}
		return given{url: argument}, nil
	}
	info, err := os.Stat(argument)
	switch {
	case err == nil && info.Mode().IsRegular() && (pictureName(argument) || strings.ContainsAny(argument, `/\.`)):
		return given{file: argument}, nil
	case pictureName(argument):
		if err == nil {
			return given{file: argument}, nil // Opening it returns the error.
		}
		if path, ok := err.(*fs.PathError); ok { //nolint:errorlint // os.Stat returns it unwrapped.
			return given{}, usage("%s: there is no such file (%v)", argument, path.Err)
		}
	}
	return given{}, nil
}

// pictureName reports whether a name has the extension of an image.
func pictureName(name string) bool {
	if address, err := url.Parse(name); err == nil && address.Scheme != "" {
		name = address.Path
	}
	switch strings.ToLower(filepath.Ext(name)) {
	case ".jpg", ".jpeg", ".png", ".webp", ".gif", ".heic", ".heif", ".avif", ".bmp", ".tif", ".tiff":
		return true
	}
	return false
}

// pictureAndWords splits arguments into one image and words.
func pictureAndWords(arguments []string) (given, string, error) {
	var picture given
	var words []string
	for _, argument := range arguments {
		found, err := recognize(argument)
		switch {
		case err != nil:
			return given{}, "", err
		case !found.isPicture():
			words = append(words, argument)
		case picture.isPicture():
			return given{}, "", usage("%s: there is an image already: give one", argument)
		default:
			picture = found
		}
	}
	return picture, strings.Join(words, " "), nil
}

// pictureOf is the address of the product's image. It costs an upstream call unless it is cached.
func (s *session) pictureOf(t target, offer string) (string, error) {
	answer, err := ask(s, t, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.GetProduct), &zhaohuov1.GetProductRequest{Id: offer})
	if err != nil {
		return "", err
	}
	product := answer.GetProduct()
	if address := product.GetSummary().GetImageUrl(); address != "" {
		return address, nil
	}
	if all := product.GetImageUrls(); len(all) > 0 {
		return all[0], nil
	}
	return "", usage("product %s has no image on 1688: give an image of it", offer)
}

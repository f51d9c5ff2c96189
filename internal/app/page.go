package app

import (
	"net/http"
	"net/url"

	"github.com/zhaohuo-dev/zhaohuo/server/page"
	"github.com/zhaohuo-dev/zhaohuo/web"
)

// page are the handlers of the page for people.
func (a *App) page() (map[string]http.Handler, error) {
	return page.Handlers(page.Config{Files: web.Files(), PictureOrigins: a.pictureOrigins(), Version: a.options.Version})
}

// pictureOrigins are from where a browser may load pictures of goods: the sandbox's own address, or the hosts of the platform's
// pictures.
func (a *App) pictureOrigins() []string {
	if !a.settings.Live() {
		if own, err := url.Parse(a.place.url); err == nil {
			return []string{own.Scheme + "://" + own.Host}
		}
	}
	var origins []string
	for _, host := range a.settings.Photos.HostList() {
		origins = append(origins, "https://"+host)
	}
	return origins
}

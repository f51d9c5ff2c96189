package app

import (
	"net/http"
	"net/url"

	"github.com/zhaohuo-dev/zhaohuo/server/page"
	"github.com/zhaohuo-dev/zhaohuo/web"
)

// page are the handlers of the page for people.
func (a *App) page() (map[string]http.Handler, error) {
	return page.Handlers(page.Config{
		Files: web.Files(), PictureOrigins: a.originsOf(a.settings.Photos.HostList()), VideoOrigins: a.originsOf(a.settings.Photos.VideoHostList()),
		Version: a.options.Version,
	})
}

// originsOf are from where a browser may load pictures or videos of goods: the sandbox's own address, or the platform's hosts.
func (a *App) originsOf(hosts []string) []string {
	if !a.settings.Live() {
		if own, err := url.Parse(a.place.url); err == nil {
			return []string{own.Scheme + "://" + own.Host}
		}
	}
	var origins []string
	for _, host := range hosts {
		origins = append(origins, "https://"+host)
	}
	return origins
}

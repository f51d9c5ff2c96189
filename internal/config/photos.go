package config

import (
	"cmp"
	"errors"
	"net"
	"strconv"
	"strings"
	"time"
)

// Photos has the settings of pictures that callers send or name.
type Photos struct {
	BytesMax    int64         `name:"photo-bytes-max" default:"20971520" placeholder:"BYTES" help:"Largest accepted image."`
	PixelsMax   int64         `name:"photo-pixels-max" default:"50000000" placeholder:"N" help:"Most pixels an image may have. They are read from its header, before it is decoded."`
	SendBytes   int64         `name:"photo-send-bytes" default:"3000000" placeholder:"BYTES" help:"Largest image that the upstream accepts. Larger ones are shrunk."`
	Memory      int64         `name:"photo-memory" default:"268435456" placeholder:"BYTES" help:"Memory that all images in progress may take together: a quarter for receiving them, the rest for decoding."`
	Wait        time.Duration `name:"photo-wait" default:"25s" help:"How long an image waits for that memory before it is refused."`
	Dir         string        `name:"photo-dir" placeholder:"DIR" help:"Where images are stored while they are needed, in files without names, which never outlive the process. By default the system's directory for temporary files."`
	ShelfBytes  int64         `name:"photo-shelf-bytes" default:"1073741824" placeholder:"BYTES" help:"Most bytes of images that are stored for further searches by their image_id. The oldest are removed first."`
	ShelfTTL    time.Duration `name:"photo-shelf-ttl" default:"1h" help:"How long an image_id is valid."`
	IdleTimeout time.Duration `name:"upload-idle-timeout" default:"15s" help:"How long an upload may send nothing before it is cut off."`

	Hosts        string        `name:"image-hosts" default:"cbu01.alicdn.com,cbu02.alicdn.com,cbu03.alicdn.com,cbu04.alicdn.com,img.alicdn.com" placeholder:"HOST,…" help:"Hosts whose images the upstream fetches itself: exact names, with :port if it is not the scheme's default. Images on other hosts are fetched by this server."`
	VideoHosts   string        `name:"video-hosts" default:"cloud.video.taobao.com" placeholder:"HOST,…" help:"Hosts from which the page for people may play videos of goods: exact names, with :port if it is not 443. Videos on other hosts get a link."`
	NoFetch      bool          `name:"no-image-fetch" help:"Fetch no images: an image_url of any other host is refused."`
	FetchTimeout time.Duration `name:"image-fetch-timeout" default:"10s" help:"Longest time for fetching one image."`
	FetchPorts   string        `name:"image-fetch-ports" default:"80,443" placeholder:"PORT,…" help:"Ports that images are fetched from."`

	NoLikeness       bool  `name:"no-likeness" help:"Measure no likeness: do not fetch the images of offers from image-hosts to compare them. Combos then confirm nothing."`
	LikenessBytesMax int64 `name:"likeness-bytes-max" default:"5242880" placeholder:"BYTES" help:"Largest image of an offer that is fetched to be compared."`
}

// HostList is Hosts, one by one.
func (p Photos) HostList() []string { return listOf(strings.ToLower(p.Hosts)) }

// VideoHostList is VideoHosts, one by one.
func (p Photos) VideoHostList() []string { return listOf(strings.ToLower(p.VideoHosts)) }

// PortList is FetchPorts, one by one.
func (p Photos) PortList() []string { return listOf(p.FetchPorts) }

// listOf splits a list at its commas.
func listOf(text string) []string {
	var all []string
	for item := range strings.SplitSeq(text, ",") {
		if item = strings.TrimSpace(item); item != "" {
			all = append(all, item)
		}
	}
	return all
}

func (l *Loaded) checkPhotos() error {
	p := l.Photos
	all := []error{
		within(l, "photo-bytes-max", p.BytesMax, 1<<10, 1<<28),
		within(l, "photo-pixels-max", p.PixelsMax, 1, 400_000_000),
		within(l, "photo-send-bytes", p.SendBytes, 4<<10, 1<<26),
		within(l, "photo-memory", p.Memory, 8<<20, 1<<40),
		within(l, "photo-wait", p.Wait, 0, time.Minute),
		within(l, "photo-shelf-bytes", p.ShelfBytes, 4*p.SendBytes, 1<<44),
		within(l, "photo-shelf-ttl", p.ShelfTTL, time.Second, 30*24*time.Hour),
		within(l, "upload-idle-timeout", p.IdleTimeout, 10*time.Millisecond, 10*time.Minute),
		within(l, "likeness-bytes-max", p.LikenessBytesMax, 1<<10, 1<<28),
		within(l, "image-fetch-timeout", p.FetchTimeout, time.Millisecond, 10*time.Minute),
	}
	all = append(all, l.checkHosts("image-hosts", p.HostList()), l.checkHosts("video-hosts", p.VideoHostList()))
	ports := p.PortList()
	if len(ports) == 0 {
		all = append(all, l.refuse("image-fetch-ports", "names no port: to fetch nothing set %s", envName("no-image-fetch")))
	}
	for _, port := range ports {
		if !isPort(port) {
			all = append(all, l.refuse("image-fetch-ports", "%q is not a port from 1 to 65535", port))
		}
	}
	return errors.Join(all...)
}

// checkHosts refuses a list that has something else than hosts.
func (l *Loaded) checkHosts(setting string, hosts []string) error {
	var all []error
	for _, host := range hosts {
		name, port, err := net.SplitHostPort(host)
		if err == nil && !isPort(port) || strings.ContainsAny(cmp.Or(name, host), "/@*? ") {
			all = append(all, l.refuse(setting, "%q is not a host: an exact name, with :port where it needs one", host))
		}
	}
	return errors.Join(all...)
}

func isPort(text string) bool {
	n, err := strconv.ParseUint(text, 10, 16)
	return err == nil && n > 0 && strconv.FormatUint(n, 10) == text
}

// within refuses a value that is out of bounds.
func within[T cmp.Ordered](l *Loaded, name string, value, low, up T) error {
	if value < low || value > up {
		return l.refuse(name, "must be %v to %v but is %v", low, up, value)
	}
	return nil
}

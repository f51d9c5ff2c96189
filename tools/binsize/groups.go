package main

import "strings"

// Where bytes belong that no package has.
const (
	headers = "headers of the file, and alignment"
	shared  = "texts and other constants that packages share"
	// pageFiles is the package whose files are in the program.
	pageFiles = "github.com/zhaohuo-dev/zhaohuo/web"
)

// groups name what modules and packages are for, by the beginning of their paths. The first that fits counts.
func groups() [][2]string {
	const (
		own     = "github.com/zhaohuo-dev/zhaohuo/"
		sandbox = "the sandbox: its goods, pictures and protocols"
		watches = "PostgreSQL, the queue of price watches and its migrations (pgx, river, goose, pq)"
		rules   = "rules of requests (protovalidate, CEL and its parser)"
		photos  = "decoders of images (AVIF and HEIC in WebAssembly with wazero, x/image)"
		observe = "metrics and traces (Prometheus, OpenTelemetry)"
		agents  = "AI agents (go-sdk of the Model Context Protocol)"
		rpc     = "gRPC, protobuf, the REST gateway"
	)
	return [][2]string{
		{own + "sandbox", sandbox},
		{own + "gen", "the contract's messages, generated"},
		{own + "web", "the page for people and the description of the API"},
		{own, "this project's own code"},
		{"github.com/redis/rueidis", "Redis (rueidis)"},
		{"github.com/xuri/", "spreadsheets (excelize)"},
		{"github.com/richardlehane/", "spreadsheets (excelize)"},
		{"github.com/tiendc/", "spreadsheets (excelize)"},
		{"modernc.org/", "SQLite (modernc.org)"},
		{"github.com/remyoudompheng/", "SQLite (modernc.org)"},
		{"github.com/dustin/", "SQLite (modernc.org)"},
		{"github.com/jackc/", watches},
		{"github.com/riverqueue/", watches},
		{"github.com/pressly/", watches},
		{"github.com/lib/pq", watches},
		{"github.com/tidwall/", watches},
		{"github.com/mfridman/", watches},
		{"github.com/sethvargo/", watches},
		{"buf.build/", rules},
		{"cel.dev/", rules},
		{"github.com/antlr4-go/", rules},
		{"github.com/gen2brain/", photos},
		{"github.com/tetratelabs/", photos},
		{"golang.org/x/image", photos},
		{"image", photos},
		{"google.golang.org/", rpc},
		{"github.com/grpc-ecosystem/", rpc},
		{"github.com/prometheus/", observe},
		{"go.opentelemetry.io/", observe},
		{"github.com/beorn7/", observe},
		{"github.com/felixge/", observe},
		{"github.com/go-logr/", observe},
		{"github.com/cenkalti/", observe},
		{"github.com/munnerz/", observe},
		{"github.com/cespare/", observe},
		{"github.com/modelcontextprotocol/", agents},
		{"github.com/google/jsonschema-go", agents},
		{"github.com/segmentio/", agents},
		{"github.com/yosida95/", agents},
		{"github.com/santhosh-tekuri/", agents},
		{"github.com/go-analyze/", "charts of prices"},
		{"github.com/golang/freetype", "charts of prices"},
		{"golang.org/x/text", "texts: encodings, normal forms, languages (x/text, uniseg, YAML)"},
		{"github.com/rivo/", "texts: encodings, normal forms, languages (x/text, uniseg, YAML)"},
		{"go.yaml.in/", "texts: encodings, normal forms, languages (x/text, uniseg, YAML)"},
		{"runtime", "Go's runtime, reflection and containers"},
		{"internal/", "Go's runtime, reflection and containers"},
		{"reflect", "Go's runtime, reflection and containers"},
		{"slices", "Go's runtime, reflection and containers"},
		{"maps", "Go's runtime, reflection and containers"},
		{"sync", "Go's runtime, reflection and containers"},
		{"crypto", "Go's net, net/http and crypto"},
		{"net", "Go's net, net/http and crypto"},
		{"vendor/", "Go's net, net/http and crypto"},
		{"golang.org/x/net", "Go's net, net/http and crypto"},
		{"golang.org/x/crypto", "Go's net, net/http and crypto"},
	}
}

// groupOf is the group of a package.
func groupOf(path string) string {
	switch path {
	case headers, shared:
		return path
	case "github.com/zhaohuo-dev/zhaohuo": // It has nothing but the description of the API.
		path = pageFiles
	}
	for _, group := range groups() {
		if strings.HasPrefix(path+"/", group[0]) || strings.HasPrefix(path, group[0]) {
			return group[1]
		}
	}
	if first, _, _ := strings.Cut(path, "/"); strings.Contains(first, ".") {
		return "other modules (otter, kong, compress, failsafe, cors, …)"
	}
	return "the rest of Go's library"
}

func grouped(packages map[string]int64) map[string]int64 {
	all := map[string]int64{}
	for path, bytes := range packages {
		all[groupOf(path)] += bytes
	}
	return all
}

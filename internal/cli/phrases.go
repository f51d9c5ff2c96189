package cli

import (
	"maps"
	"sync"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/localtext"
)

var english = phrases{
	failed: "error", retry: "  try again in %s\n", requestID: "  request id %s\n",
	reach: map[what]string{
		nothingThere:     "no server answers at ADDR: start it with `zhaohuo serve`, or name another with --addr",
		unknownHost:      "ADDR: there is no host named DETAIL: correct --addr",
		noWay:            "ADDR cannot be reached from here: check the network and firewalls, or name another server with --addr",
		silent:           "ADDR accepts connections but does not answer: it is no gRPC server, or it hangs; name the server with --addr",
		speaksTLS:        "ADDR speaks TLS: add --tls, and --ca FILE if the certificate is signed by an authority of your own",
		speaksHTTP:       "ADDR speaks HTTP, as the REST port does: name the gRPC port with --addr (9090 by default)",
		speaksNoTLS:      "ADDR does not speak TLS: leave out --tls, --ca, --cert and --key",
		otherName:        "the certificate of ADDR is for other names (DETAIL): name the server by one of them with --addr",
		untrusted:        "the certificate of ADDR is not signed by a CA that this machine trusts: name the CA certificate with --ca FILE",
		outdated:         "the certificate of ADDR expired on DETAIL: renew it on the server",
		wantsCertificate: "ADDR requires a client certificate: add --cert FILE and --key FILE",
		notReady:         "the server at ADDR is starting or stopping: try again in a moment",
		otherService:     "ADDR is a gRPC server, but not one of zhaohuo, or of an older version: name the server with --addr",
		lost:             "the connection to ADDR was lost: try again",
		otherProgram:     "ADDR is the port of another program, which is no gRPC server: name the server with --addr",
		notOperators:     "ADDR is not the operators' port of a server, or of an older version: name that port with --addr (9464 by default)",
		notCallers:       "ADDR is not the gRPC port for callers, or the server's version is older: name that port with --addr (9090 by default)",
		noServer:         "no server answers at ADDR, and a price watch needs one that keeps running: start it with `zhaohuo serve`, or name another with --addr",
	},
	unnamed: "; or ask without a server: --addr none",
	units:   units{" ms", " second", " seconds", " minutes", " h ", " min", " days"},
	working: "asking",
}

// chinese is made when it is first needed: most processes never need it, and its patterns take time to compile.
var chinese = sync.OnceValue(func() phrases { //nolint:gochecknoglobals // A table that cannot be said as a constant, made once.
	return phrases{
		failed: "错误", retry: "  请在 %s 后重试\n", requestID: "  请求编号 %s\n",
		reach: map[what]string{
			nothingThere:     "ADDR 没有服务器应答：请用 `zhaohuo serve` 启动，或用 --addr 指定其他服务器",
			unknownHost:      "ADDR：没有名为 DETAIL 的主机，请更正 --addr",
			noWay:            "从本机无法到达 ADDR：请检查网络和防火墙，或用 --addr 指定其他服务器",
			silent:           "ADDR 接受连接但没有应答：它不是 gRPC 服务器，或已停止响应；请用 --addr 指定服务器",
			speaksTLS:        "ADDR 使用 TLS：请加上 --tls；若证书由自有机构签发，再加上 --ca FILE",
			speaksHTTP:       "ADDR 使用 HTTP，是 REST 端口：请用 --addr 指定 gRPC 端口（默认 9090）",
			speaksNoTLS:      "ADDR 不使用 TLS：请去掉 --tls、--ca、--cert 和 --key",
			otherName:        "ADDR 的证书属于其他名称（DETAIL）：请在 --addr 中使用其中一个",
			untrusted:        "本机不信任 ADDR 证书的签发者：请用 --ca FILE 指定签发机构的证书",
			outdated:         "ADDR 的证书已于 DETAIL 到期：请在服务器上更新",
			wantsCertificate: "ADDR 要求客户端证书：请加上 --cert FILE 和 --key FILE",
			notReady:         "ADDR 的服务器正在启动或停止：请稍后重试",
			otherService:     "ADDR 是 gRPC 服务器，但不是 zhaohuo，或版本过旧：请用 --addr 指定服务器",
			lost:             "与 ADDR 的连接中断：请重试",
			otherProgram:     "ADDR 是其他程序的端口，不是 gRPC 服务器：请用 --addr 指定服务器",
			notOperators:     "ADDR 不是服务器的运维端口，或服务器版本过旧：请用 --addr 指定运维端口（默认 9464）",
			notCallers:       "ADDR 不是供调用方使用的 gRPC 端口，或服务器版本过旧：请用 --addr 指定该端口（默认 9090）",
			noServer:         "ADDR 没有服务器应答，而价格监控需要持续运行的服务器：请用 `zhaohuo serve` 启动，或用 --addr 指定其他服务器",
		},
		unnamed:  "；或不用服务器直接查询：--addr none",
		units:    units{" 毫秒", " 秒", " 秒", " 分钟", " 小时 ", " 分钟", " 天"},
		working:  "正在查询",
		mistakes: together(chineseOverviewErrors, chineseAdminErrors, chineseErrors, chineseFailures, chineseWatchErrors, chineseFreightErrors), titles: together(chineseOverviewTitles, chineseAccountTitles, chineseAdminTitles, chineseTitles, chineseWatchTitles, chineseTrendTitles),
		help:  together(chineseOverviewHelp, chineseAccountHelp, chineseAdminHelp, chineseStatusHelp, chineseHelp, chineseSettings, chineseWatchHelp, chineseFreightHelp, chineseTrendHelp),
		texts: together(chineseOverviewTexts, chineseAccountTexts, chineseAdminTexts, chineseStatusTexts, chineseTexts, chineseFrame, chineseSections, chineseWatchTexts, chinesePrices, chineseFreightTexts, chineseTrendTexts), parser: localtext.Compile(chineseParser),
	}
})

// together merges maps without common keys.
func together(all ...map[string]string) map[string]string {
	one := map[string]string{}
	for _, m := range all {
		maps.Copy(one, m)
	}
	return one
}

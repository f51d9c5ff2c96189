package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// infoCommand tells what a server is.
type infoCommand struct {
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run asks and writes the answer.
func (c *infoCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, getServerInfo, &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return writeInfo(s, answer)
}

func getServerInfo(ctx context.Context, conn grpc.ClientConnInterface, q *zhaohuov1.GetServerInfoRequest, o ...grpc.CallOption) (*zhaohuov1.GetServerInfoResponse, error) {
	return zhaohuov1.NewInfoServiceClient(conn).GetServerInfo(ctx, q, o...)
}

func writeInfo(s *session, info *zhaohuov1.GetServerInfoResponse) error {
	mode := strings.TrimPrefix(info.GetMode().String(), "MODE_")
	if info.GetMode() == zhaohuov1.Mode_MODE_SANDBOX {
		mode += ": goods are made up"
	}
	rate := strconv.FormatFloat(info.GetLimits().GetUpstreamQps(), 'f', -1, 64)
	if rate == "0" {
		rate = "unlimited"
	}
	unused := "unknown"
	if info.GetLimits().QuotaMargin != nil {
		unused = strconv.FormatFloat(100*info.GetLimits().GetQuotaMargin(), 'f', 1, 64) + " %"
	}
	head := [][2]string{
		{"version", plain(info.GetVersion())},
		{"mode", mode},
		{"dialect", plainName(info.GetDialect().String(), "DIALECT_")},
		{"upstream calls a second", rate},
		{"left unused of them", unused},
		{"largest page", strconv.FormatInt(int64(info.GetLimits().GetPageSizeMax()), 10)},
		{"goods that can be paged to", strconv.FormatInt(int64(info.GetLimits().GetResultWindow()), 10)},
		{"largest request", strconv.FormatInt(info.GetLimits().GetRequestBytesMax(), 10) + " bytes"},
		{"default timeout", (time.Duration(info.GetLimits().GetDefaultTimeoutMs()) * time.Millisecond).String()},
	}
	for _, line := range head {
		if _, err := fmt.Fprintf(s.Stdout, "%-27s %s\n", line[0], line[1]); err != nil {
			return err
		}
	}
	fmt.Fprintln(s.Stdout)
	columns := []column{{title: "RPC"}, {title: "SIDE"}, {title: "FIELD"}, {title: "OFFERED"}, {title: "NOTE", widest: 90}}
	rows := make([][]string, len(info.GetCapabilities()))
	for i, c := range info.GetCapabilities() {
		note := strings.Join(append(c.GetValues(), c.GetNote()), " ")
		rows[i] = []string{
			strings.TrimPrefix(c.GetRpc(), "zhaohuo.v1."), plainName(c.GetSide().String(), "SIDE_"), c.GetField(),
			plainName(c.GetSupport().String(), "SUPPORT_"), strings.TrimSpace(note),
		}
	}
	return writeTable(s.Stdout, columns, rows)
}

package cli

import (
	"fmt"
	"iter"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// infoCommand describes a server.
type infoCommand struct {
	All    bool   `name:"all" help:"Every field of every RPC, one per line."`
	Output string `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *infoCommand) Run(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewInfoServiceClient, zhaohuov1.InfoServiceClient.GetServerInfo), &zhaohuov1.GetServerInfoRequest{})
	if err != nil {
		return err
	}
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return c.write(s, answer)
}

func (c *infoCommand) write(s *session, info *zhaohuov1.GetServerInfoResponse) error {
	rate := strconv.FormatFloat(info.GetLimits().GetUpstreamQps(), 'f', -1, 64)
	if rate == "0" {
		rate = s.words.say("unlimited")
	}
	unused := s.words.say("unknown")
	if limits := info.GetLimits(); limits != nil && limits.QuotaMargin != nil {
		unused = strconv.FormatFloat(100*info.GetLimits().GetQuotaMargin(), 'f', 1, 64) + " %"
	}
	head := [][2]string{
		{"version", plain(info.GetVersion())},
		{"mode", s.modeText(info.GetMode())},
		{"dialect", plainName(info.GetDialect().String(), "UPSTREAM_DIALECT_")},
		{"upstream calls a second", rate},
		{"of these left unused", unused},
	}
	head = append(head, s.quotaFields(info.GetQuota())...)
	for _, a := range info.GetAccounts() {
		head = append(head, [2]string{"account", s.accountText(a)})
	}
	head = append(head, [][2]string{
		{"largest page", strconv.FormatInt(int64(info.GetLimits().GetPageSizeMax()), 10)},
		{"goods of one search", strconv.FormatInt(int64(info.GetLimits().GetResultWindow()), 10)},
		{"largest request", s.words.say("%d bytes", info.GetLimits().GetRequestBytesMax())},
		{"default timeout", spoken(info.GetLimits().GetDefaultTimeout().AsDuration(), s.words)},
		s.watchField(info.GetPriceWatches()),
		s.pushField(info.GetPushes()),
	}...)
	if err := s.printFields(27, head); err != nil {
		return err
	}
	fmt.Fprintln(s.Stdout)
	if !c.All {
		return s.writeCapabilities(info.GetCapabilities())
	}
	columns := []column{{title: "RPC"}, {title: "SIDE"}, {title: "FIELD"}, {title: "OFFERED"}, {title: "NOTE", widest: 90}}
	rows := make([][]string, len(info.GetCapabilities()))
	for i, c := range info.GetCapabilities() {
		note := strings.Join(append(c.GetValues(), c.GetNote()), " ")
		rows[i] = []string{
			strings.TrimPrefix(c.GetRpc(), "zhaohuo.v1."), plainName(c.GetSide().String(), "FIELD_SIDE_"), c.GetField(),
			plainName(c.GetSupport().String(), "FIELD_SUPPORT_"), strings.TrimSpace(note),
		}
	}
	return writeTable(s, columns, rows)
}

// writeCapabilities writes a line for each RPC: how many of its fields are offered, and which are offered only in part
// or not at all.
func (s *session) writeCapabilities(all []*zhaohuov1.FieldCapability) error {
	var rows [][]string
	for rpc, fields := range byRPC(all) {
		var lacking []string
		offered := 0
		for _, c := range fields {
			switch c.GetSupport() {
			case zhaohuov1.FieldSupport_FIELD_SUPPORT_FULL:
				offered++
			case zhaohuov1.FieldSupport_FIELD_SUPPORT_PARTIAL:
				offered++
				lacking = append(lacking, s.words.say("%s in part", c.GetField()))
			default:
				lacking = append(lacking, c.GetField())
			}
		}
		rows = append(rows, []string{strings.TrimPrefix(rpc, "zhaohuo.v1."), s.words.say("%d of %d", offered, len(fields)), strings.Join(lacking, ", ")})
	}
	if err := writeTable(s, []column{{title: "RPC"}, {title: "FIELDS", right: true}, {title: "NOT OFFERED", widest: 60, grows: true}}, rows); err != nil {
		return err
	}
	return s.printEnd("\nevery field: zhaohuo info --all\n")
}

// byRPC groups the fields by RPC, in order.
func byRPC(all []*zhaohuov1.FieldCapability) iter.Seq2[string, []*zhaohuov1.FieldCapability] {
	return func(yield func(string, []*zhaohuov1.FieldCapability) bool) {
		for begin := 0; begin < len(all); {
			end := begin
			for end < len(all) && all[end].GetRpc() == all[begin].GetRpc() {
				end++
			}
			if !yield(all[begin].GetRpc(), all[begin:end]) {
				return
			}
			begin = end
		}
	}
}

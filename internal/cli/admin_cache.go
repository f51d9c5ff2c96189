package cli

import (
	"strconv"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/fields"
)

type adminCache struct{ adminTarget }

// Run says what the cache holds.
func (c *adminCache) Run(s *session) error {
	answer, err := ask(s, c.server(), unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.GetCacheState), &zhaohuov1.GetCacheStateRequest{})
	state := answer.GetCache()
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	case state == nil:
		return s.printEnd("the server stores no answers\n")
	}
	store := s.words.say("is used, if there is one")
	if state.GetStoreDown() {
		store = s.words.say("is not read now, because it failed")
	}
	if err := s.printFields(23, [][2]string{
		{"answers in memory", s.words.say("%d, %d KiB", state.GetMemoryAnswers(), kibibytes(state.GetMemoryBytes()))},
		{"waiting to be written", s.words.say("%d KiB", kibibytes(state.GetWaitingBytes()))},
		{"disk or Redis", store},
		{"questions under way", strconv.FormatInt(state.GetRunningQuestions(), 10)},
	}); err != nil {
		return err
	}
	rows := make([][]string, len(state.GetUses()))
	for i, use := range state.GetUses() {
		rows[i] = []string{s.useText(use.GetAnsweredBy()), strconv.FormatInt(use.GetQuestions(), 10)}
	}
	return writeTable(s, []column{{title: "ANSWERED BY"}, {title: "QUESTIONS", right: true}}, rows)
}

func kibibytes(bytes int64) int64 { return (bytes + 1023) / 1024 }

// useText says what questions were answered by.
func (s *session) useText(by string) string {
	switch by {
	case "memory":
		return s.words.say("memory")
	case "store":
		return s.words.say("disk or Redis")
	case "upstream":
		return "1688"
	case "twin":
		return s.words.say("1688, asked for another caller at that moment")
	case "stale":
		return s.words.say("an older answer, because 1688 did not answer")
	case "nobody":
		return s.words.say("nobody: it failed")
	}
	return plain(by)
}

type adminPurge struct {
	All     bool     `name:"all" help:"All answers."`
	Product []string `name:"product" placeholder:"ID" help:"Answers that are about this product or show it. May be given several times."`
	Keyword string   `name:"keyword" placeholder:"WORDS" help:"Answers to searches for these words."`

	adminTarget
}

// Run purges.
func (c *adminPurge) Run(s *session) error {
	if _, ok := fields.Only(c.All, len(c.Product) > 0, c.Keyword != ""); !ok {
		return usage("give one of --all, --product and --keyword, and what to purge with the last two")
	}
	answer, addr, err := change(s, c.adminTarget, unary(zhaohuov1.NewAdminServiceClient, zhaohuov1.AdminServiceClient.PurgeCache),
		&zhaohuov1.PurgeCacheRequest{All: c.All, ProductIds: c.Product, Keyword: c.Keyword})
	switch {
	case err != nil:
		return err
	case c.Output == "json":
		return writeJSON(s.Stdout, answer)
	}
	switch answer.GetReach() {
	case zhaohuov1.PurgeReach_PURGE_REACH_NO_CACHE:
		return s.changed(addr, "the server stores no answers\n")
	case zhaohuov1.PurgeReach_PURGE_REACH_REPLICAS:
		return s.changed(addr, "purged on all replicas that share the Redis\n")
	case zhaohuov1.PurgeReach_PURGE_REACH_STORE:
		return s.changed(addr, "purged on this server, also after a restart; other servers with the same disk or Redis Cluster are not informed: purge on each\n")
	default:
		return s.changed(addr, "purged on this server until it ends; disk or Redis does not know of it: purge on each other server, and after a restart\n")
	}
}

package cli

import (
	"cmp"
	"strconv"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// categoryCommand finds categories by name, or shows one by its id.
type categoryCommand struct {
	Words    []string `arg:"" name:"name" help:"Name of the category, or its id. 0 shows the highest categories."`
	Language string   `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the names: ${languages}."`
	Output   string   `name:"output" short:"o" default:"table" enum:"table,json" help:"Form of the answer: table or json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer.
func (c *categoryCommand) Run(s *session) error {
	name := strings.Join(c.Words, " ")
	if strings.Trim(name, "0123456789") == "" {
		return c.show(s, name)
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewCategoryServiceClient, zhaohuov1.CategoryServiceClient.FindCategories), &zhaohuov1.FindCategoriesRequest{
		Name: name, LanguageCode: c.Language,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	var rows [][]string
	for _, category := range answer.GetCategories() {
		rows = append(rows, categoryRow(s, category, ""))
	}
	return s.writeCategories(rows, len(rows), answer.GetMeta())
}

// show writes one category and those below it.
func (c *categoryCommand) show(s *session, id string) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewCategoryServiceClient, zhaohuov1.CategoryServiceClient.GetCategory), &zhaohuov1.GetCategoryRequest{
		Id: id, LanguageCode: c.Language,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	rows := [][]string{categoryRow(s, answer.GetCategory(), "")}
	for _, child := range answer.GetChildren() {
		rows = append(rows, categoryRow(s, child, gap))
	}
	if err := s.writeCategories(rows, len(rows), answer.GetMeta()); err != nil || !answer.GetChildrenUnknown() {
		return err
	}
	return s.printEnd("1688 did not say which categories are below this one\n")
}

func (s *session) writeCategories(rows [][]string, n int, meta *zhaohuov1.AnswerMeta) error {
	if len(rows) > 0 {
		columns := []column{{title: "ID"}, {title: "NAME", widest: 40}, {title: "TRANSLATED", widest: 40}, {title: "LEVEL"}, {title: "PARENT"}, {title: "LEAF"}}
		if err := writeTable(s, columns, rows); err != nil {
			return err
		}
	}
	return s.printEnd("%s; source %s\n", counted(s.words, n, "category", "categories"), sourceName(meta))
}

func categoryRow(s *session, k *zhaohuov1.ProductCategory, indent string) []string {
	level := unknown
	if k.Level != nil {
		level = strconv.Itoa(int(k.GetLevel()))
	}
	return []string{
		k.GetId(), indent + cmp.Or(k.GetName(), unknown), indent + k.GetNameTranslated(), level, cmp.Or(k.GetParentId(), unknown), s.knownText(k.Leaf),
	}
}

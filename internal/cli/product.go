package cli

import (
	"fmt"

	"google.golang.org/grpc/status"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// productCommand shows the details of products.
type productCommand struct {
	IDs      []string `arg:"" name:"id" help:"Ids of the products, or links to their pages on 1688; at most 50."`
	Language string   `name:"language" aliases:"lang" placeholder:"CODE" help:"Language of the texts: ${languages}."`
	Currency string   `name:"currency" placeholder:"CODE" help:"Prices also in this currency, such as HKD. Only with dialect aop."`
	Member   string   `name:"out-member-id" placeholder:"ID" help:"The outMemberId of 1688: the id of the asking member on your own site. Only with dialect aop."`
	Output   string   `name:"output" short:"o" default:"table" enum:"table,json,csv" help:"Form of the answer: table, json or csv."`
	Raw      bool     `name:"raw" help:"Add the upstream's own JSON of each product. Needs -o json."`

	Target target `embed:"" group:"Server"`
}

// Run requests and writes the answer. Each of several products fails alone: the available ones are written, the
// failures are listed, and the exit code is that of the last failure.
func (c *productCommand) Run(s *session) error {
	if c.Raw && c.Output != "json" {
		return usage("--raw needs -o json")
	}
	for i, argument := range c.IDs {
		id, err := productID(argument)
		if err != nil {
			return err
		}
		c.IDs[i] = id
	}
	if len(c.IDs) == 1 {
		return c.one(s)
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.BatchGetProducts), &zhaohuov1.BatchGetProductsRequest{
		Ids: c.IDs, LanguageCode: c.Language, IncludeRaw: c.Raw, IncludeDescriptions: c.Output == "json",
		Currency: c.Currency, OutMemberId: c.Member,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		err = writeJSON(s.Stdout, answer)
	} else {
		var found []*zhaohuov1.ProductDetail
		for _, result := range answer.GetResults() {
			if p := result.GetProduct(); p != nil {
				found = append(found, p)
			}
		}
		err = c.write(s, found, answer.GetMeta())
	}
	if err != nil {
		return err
	}
	return s.printFailed(answer.GetResults())
}

func (c *productCommand) one(s *session) error {
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewProductServiceClient, zhaohuov1.ProductServiceClient.GetProduct), &zhaohuov1.GetProductRequest{
		Id: c.IDs[0], LanguageCode: c.Language, IncludeRaw: c.Raw, Currency: c.Currency, OutMemberId: c.Member,
	})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "json" {
		return writeJSON(s.Stdout, answer)
	}
	return c.write(s, []*zhaohuov1.ProductDetail{answer.GetProduct()}, answer.GetMeta())
}

func (c *productCommand) write(s *session, products []*zhaohuov1.ProductDetail, meta *zhaohuov1.AnswerMeta) error {
	if c.Output == "csv" {
		return writeProductsCSV(s.Stdout, products, meta)
	}
	for i, p := range products {
		if i > 0 {
			fmt.Fprintln(s.Stdout)
		}
		if err := writeProduct(s, p); err != nil {
			return err
		}
	}
	return nil
}

// printFailed lists the products that failed, and why. It returns the last failure, which the caller reports.
func (s *session) printFailed(results []*zhaohuov1.ProductResult) error {
	var last error
	for _, result := range results {
		if result.GetError() == nil {
			continue
		}
		if last != nil {
			printFailure(s.Stderr, last, s.words)
		}
		s.note("product %s:", plain(result.GetId()))
		last = callError{error: status.ErrorProto(result.GetError())}
	}
	return last
}

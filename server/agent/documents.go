package agent

import (
	"context"
	"fmt"
	"strings"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/protobuf/encoding/protojson"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// The addresses of what agents may read.
const (
	capabilitiesURI = "zhaohuo://capabilities"
	documentURI     = "zhaohuo://docs/"
)

// addResources offers the documents and the table of capabilities.
func (s *Server) addResources() {
	s.mcp.AddResource(&mcp.Resource{
		URI: capabilitiesURI, Name: "server", Title: "What this server offers", MIMEType: "application/json",
		Description: "Version, mode, limits, quota and, for each RPC, which fields the upstream's dialect offers.",
	}, func(ctx context.Context, _ *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
		under, c, end := s.begin(ctx)
		defer end()
		info, err := s.info.GetServerInfo(under, &zhaohuov1.GetServerInfoRequest{})
		if err != nil {
			is := c.adviceOf(err)
			return nil, fmt.Errorf("%s: %s", is.Reason, is.Message)
		}
		text, err := protojson.Marshal(info)
		if err != nil {
			return nil, fmt.Errorf("INTERNAL: the capabilities cannot be written")
		}
		return contents(capabilitiesURI, "application/json", string(text)), nil
	})
	for _, d := range s.config.Documents {
		uri := documentURI + d.Name
		s.mcp.AddResource(&mcp.Resource{URI: uri, Name: d.Name, Title: d.Title, MIMEType: "text/markdown", Size: int64(len(d.Text))},
			func(context.Context, *mcp.ReadResourceRequest) (*mcp.ReadResourceResult, error) {
				return contents(uri, "text/markdown", d.Text), nil
			})
	}
}

func contents(uri, kind, text string) *mcp.ReadResourceResult {
	return &mcp.ReadResourceResult{Contents: []*mcp.ResourceContents{{URI: uri, MIMEType: kind, Text: text}}}
}

// prompt is a task that a person can have an agent do.
type prompt struct {
	name, title, description string
	arguments                []*mcp.PromptArgument
	// text has a {name} for each argument. A line whose argument is not given is left out.
	text string
}

// prompts are the four strategies, as tasks.
func prompts() []prompt {
	words := &mcp.PromptArgument{Name: "goods", Description: "What the goods are called, Chinese if possible.", Required: true}
	image := &mcp.PromptArgument{Name: "image_url", Description: "The address of an image of the goods."}
	quantity := &mcp.PromptArgument{Name: "quantity", Description: "How many are to be bought."}
	return []prompt{
		{
			"find_source", "Find a source", "Find who sells the same goods, and choose the best source.",
			[]*mcp.PromptArgument{words, image, quantity},
			`Find a source for these goods on 1688: {goods}.
An image of them: {image_url}
I want to buy {quantity}.
Look at quota_left first. Call find_source with these words in Chinese, and with the image and the quantity if I gave them.
Name the best three confirmed offers: id, supplier, price and what it holds for, minimum order, link. Say which image comparisons confirm them.
Say what is not known, and do not guess it. Prices are without shipping.`,
		},
		{
			"compare_prices", "Compare prices", "Find what the goods cost and where they are cheapest.",
			[]*mcp.PromptArgument{words, image, quantity},
			`Compare the prices of these goods on 1688: {goods}.
An image of them: {image_url}
I want to buy {quantity}.
Look at quota_left first. Call compare_prices with these words in Chinese, and with the image and the quantity if I gave them.
Give lowest, median and highest price and the typical range. Name the cheapest comparable offer, and say whether it is proven to be the cheapest; if it is not, say why.
Explain outliers and offers without a price in a sentence.`,
		},
		{
			"analyze_competitors", "Analyse competitors", "Find who competes with the goods on an image, and how the market looks.",
			[]*mcp.PromptArgument{{Name: "image_url", Description: image.Description, Required: true}},
			`Analyse who competes on 1688 with the goods on this image: {image_url}
Look at quota_left first. Call analyze_competitors with the image.
Say who the largest suppliers are and what share they have, which price bands there are, by which words buyers search these goods, and what an entrant would have to offer.
Keep apart what the answer says and what you conclude.`,
		},
		{
			"expand_selection", "Expand a selection", "Find what else to sell, from words that sell.",
			[]*mcp.PromptArgument{{Name: "seeds", Description: "Words that sell, separated by commas, at most five.", Required: true}},
			`Find what else I could sell, starting from: {seeds}.
Look at quota_left first. Call expand_selection with these words in Chinese as seeds.
Name the best sellers and, for each cluster of look-alikes, what its goods have in common, its price range and how many suppliers it has.
Recommend three products to look at, each with its reason and its link.`,
		},
	}
}

// addPrompts offers the strategies as prompts.
func (s *Server) addPrompts() {
	for _, p := range prompts() {
		s.mcp.AddPrompt(&mcp.Prompt{Name: p.name, Title: p.title, Description: p.description, Arguments: p.arguments},
			func(_ context.Context, request *mcp.GetPromptRequest) (*mcp.GetPromptResult, error) {
				text, err := p.fill(request.Params.Arguments)
				if err != nil {
					return nil, err
				}
				return &mcp.GetPromptResult{Description: p.description, Messages: []*mcp.PromptMessage{{Role: "user", Content: &mcp.TextContent{Text: text}}}}, nil
			})
	}
}

// fill is the prompt's text with its arguments.
func (p prompt) fill(given map[string]string) (string, error) {
	for _, a := range p.arguments {
		if a.Required && strings.TrimSpace(given[a.Name]) == "" {
			return "", fmt.Errorf("%s: %s is missing: %s", reasonArguments, a.Name, a.Description)
		}
	}
	var text []string
	for line := range strings.SplitSeq(p.text, "\n") {
		filled := true
		for _, a := range p.arguments {
			if mark := "{" + a.Name + "}"; strings.Contains(line, mark) {
				filled = filled && given[a.Name] != ""
				line = strings.ReplaceAll(line, mark, given[a.Name])
			}
		}
		if filled {
			text = append(text, line)
		}
	}
	return strings.Join(text, "\n"), nil
}

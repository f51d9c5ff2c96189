package cli

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// callCommand calls any API by its name.
type callCommand struct {
	API        string   `arg:"" name:"api" help:"The API: namespace:name-version in AOP, the method in TOP."`
	Parameters []string `arg:"" name:"key=value" optional:"" help:"Its own parameters. A structured one is JSON, such as offerDetailParam='{\"offerId\":620201390233,\"country\":\"en\"}'."`
	JSONFile   string   `name:"json-file" placeholder:"FILE" help:"File with a JSON object of parameters; - is standard input. A value that is no text is sent as its JSON."`
	Output     string   `name:"output" short:"o" default:"json" enum:"json,answer" help:"What is printed: json is what 1688 wrote, answer also says where it came from."`

	Target target `embed:"" group:"Server"`
}

// parametersBytesMax bounds the file of parameters.
const parametersBytesMax = 16 << 20

// Run requests and writes the answer as it came.
func (c *callCommand) Run(s *session) error {
	parameters, err := c.parameters(s)
	if err != nil {
		return err
	}
	answer, err := ask(s, c.Target, unary(zhaohuov1.NewPlatformServiceClient, zhaohuov1.PlatformServiceClient.Call), &zhaohuov1.CallRequest{Api: c.API, Parameters: parameters})
	if err != nil {
		return err
	}
	s.warnOfSandbox(answer.GetMeta())
	if c.Output == "answer" {
		return writeJSON(s.Stdout, answer)
	}
	_, err = fmt.Fprintln(s.Stdout, answer.GetJson())
	return err
}

// parameters are those of the file and of the command line.
func (c *callCommand) parameters(s *session) (map[string]string, error) {
	all := map[string]string{}
	if c.JSONFile != "" {
		if err := readParameters(s, c.JSONFile, all); err != nil {
			return nil, err
		}
	}
	for _, text := range c.Parameters {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, usage("%q is not of the form KEY=VALUE", text)
		}
		if _, there := all[name]; there {
			return nil, usage("the parameter %s is given twice", name)
		}
		all[name] = value
	}
	return all, nil
}

// readParameters reads a JSON object. Numbers keep all their digits.
func readParameters(s *session, file string, all map[string]string) error {
	from := s.Stdin
	if file != "-" {
		opened, err := os.Open(file)
		if err != nil {
			return usage("--json-file: %v", err)
		}
		defer func() { _ = opened.Close() }() // It was only read.
		from = opened
	}
	text, err := io.ReadAll(io.LimitReader(from, parametersBytesMax))
	if err != nil {
		return usage("--json-file: %v", err)
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(text, &object) != nil || object == nil {
		return usage("--json-file: %s is not a JSON object, such as {\"categoryID\": 0}", file)
	}
	for name, raw := range object {
		value := string(raw)
		if strings.HasPrefix(value, `"`) {
			if err := json.Unmarshal(raw, &value); err != nil {
				return usage("--json-file: %v", err)
			}
		}
		all[name] = value
	}
	return nil
}

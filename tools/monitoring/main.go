// Command monitoring writes the dashboard for Grafana, the rules for Prometheus, and the tests of the rules for promtool.
//
//	go run ./tools/monitoring DIRECTORY
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"

	"github.com/zhaohuo-dev/zhaohuo/tools/monitoring/table"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: monitoring DIRECTORY")
		os.Exit(2)
	}
	if err := write(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "monitoring:", err)
		os.Exit(1)
	}
}

const written = "# Written from tools/monitoring/table by `make docs`. Do not edit.\n"

func write(dir string) error {
	var board bytes.Buffer
	encoder := json.NewEncoder(&board)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(dashboard(table.Questions())); err != nil {
		return err
	}
	rules, err := inYAML(ruleFile(table.Alerts()))
	if err != nil {
		return err
	}
	tests, err := inYAML(testFile(table.Alerts()))
	if err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"grafana/zhaohuo-dashboard.json": board.Bytes(), "prometheus/rules.yaml": rules, "prometheus/rules_test.yaml": tests,
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(path, text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

func inYAML(value any) ([]byte, error) {
	out := bytes.NewBufferString(written)
	encoder := yaml.NewEncoder(out)
	encoder.SetIndent(2)
	err := encoder.Encode(value)
	return out.Bytes(), err
}

// object is an object of JSON, whose members are written in the order of their names.
type object = map[string]any

// The dashboard's grid is 24 wide.
const (
	gridWidth   = 24
	panelWidth  = 8
	panelHeight = 8
)

// dashboard is Grafana's form: each question is a row.
func dashboard(questions []table.Question) object {
	source := object{"type": "prometheus", "uid": "${datasource}"}
	var panels []object
	id, y := 0, 0
	add := func(panel object, x, width, height int) {
		id++
		panel["id"], panel["gridPos"] = id, object{"x": x, "y": y, "w": width, "h": height}
		panels = append(panels, panel)
	}
	for _, question := range questions {
		add(object{"type": "row", "title": question.Text, "collapsed": false, "panels": []object{}}, 0, gridWidth, 1)
		y++
		for i, panel := range question.Panels {
			x := i * panelWidth % gridWidth
			if i > 0 && x == 0 {
				y += panelHeight
			}
			add(panelOf(panel, source), x, panelWidth, panelHeight)
		}
		y += panelHeight
	}
	variable := func(name string, more object) object {
		more["name"], more["label"] = name, name
		return more
	}
	return object{
		"uid": "zhaohuo", "title": "zhaohuo", "tags": []string{"zhaohuo"}, "schemaVersion": 39, "version": 1, "editable": true, "refresh": "30s",
		"time": object{"from": "now-6h", "to": "now"}, "timezone": "browser", "panels": panels,
		"templating": object{"list": []object{
			variable("datasource", object{"type": "datasource", "query": "prometheus"}),
			variable("job", object{
				"type": "query", "datasource": source, "query": "label_values(zhaohuo_build_info, job)", "refresh": 2,
				"current": object{"text": "zhaohuo", "value": "zhaohuo"},
			}),
		}},
	}
}

func panelOf(panel table.Panel, source object) object {
	var targets []object
	for i, query := range panel.Queries {
		targets = append(targets, object{
			"refId": string(rune('A' + i)), "datasource": source, "expr": query.Expr, "legendFormat": query.Legend, "instant": panel.Now, "range": !panel.Now,
			"exemplar": !panel.Now,
		})
	}
	kind, options := "timeseries", object{"legend": object{"displayMode": "list", "placement": "bottom"}, "tooltip": object{"mode": "multi"}}
	if panel.Now {
		kind, options = "bargauge", object{"orientation": "horizontal", "displayMode": "basic", "reduceOptions": object{"calcs": []string{"lastNotNull"}}}
	}
	return object{
		"type": kind, "title": panel.Title, "datasource": source, "targets": targets, "options": options,
		// From 0, or small changes would look large.
		"fieldConfig": object{"defaults": object{"unit": panel.Unit, "min": 0}, "overrides": []object{}},
	}
}

// What Prometheus and promtool read, in the order in which people do.
type (
	ruleGroups struct {
		Groups []ruleGroup `yaml:"groups"`
	}
	ruleGroup struct {
		Name  string `yaml:"name"`
		Rules []rule `yaml:"rules"`
	}
	rule struct {
		Alert       string            `yaml:"alert"`
		Expr        string            `yaml:"expr"`
		For         string            `yaml:"for"`
		Labels      map[string]string `yaml:"labels"`
		Annotations map[string]string `yaml:"annotations"`
	}
	ruleTests struct {
		RuleFiles []string   `yaml:"rule_files"`
		Interval  string     `yaml:"evaluation_interval"`
		Tests     []ruleTest `yaml:"tests"`
	}
	ruleTest struct {
		Name     string   `yaml:"name"`
		Interval string   `yaml:"interval"`
		Series   []series `yaml:"input_series"`
		Alerts   []asked  `yaml:"alert_rule_test"`
	}
	series struct {
		Series string `yaml:"series"`
		Values string `yaml:"values"`
	}
	asked struct {
		At     string  `yaml:"eval_time"`
		Name   string  `yaml:"alertname"`
		Alerts []alert `yaml:"exp_alerts"`
	}
	alert struct {
		Labels      map[string]string `yaml:"exp_labels"`
		Annotations map[string]string `yaml:"exp_annotations"`
	}
)

func annotations(a table.Alert) map[string]string {
	return map[string]string{"summary": a.Summary, "summary_zh": a.Chinese}
}

func ruleFile(alerts []table.Alert) ruleGroups {
	group := ruleGroup{Name: "zhaohuo"}
	for _, a := range alerts {
		group.Rules = append(group.Rules, rule{a.Name, a.Expr, a.For, map[string]string{"severity": a.Severity}, annotations(a)})
	}
	return ruleGroups{[]ruleGroup{group}}
}

// testFile asks for each alert twice: with series that make it fire, and with others.
func testFile(alerts []table.Alert) ruleTests {
	file := ruleTests{RuleFiles: []string{"rules.yaml"}, Interval: "1m"}
	add := func(name string, input []table.Series, a asked) {
		test := ruleTest{Name: name, Interval: "1m", Alerts: []asked{a}}
		for _, one := range input {
			test.Series = append(test.Series, series{one.Name, one.Values})
		}
		file.Tests = append(file.Tests, test)
	}
	for _, a := range alerts {
		labels := map[string]string{"severity": a.Severity}
		for name, value := range a.Labels {
			labels[name] = value
		}
		add(a.Name+" fires", a.Fires, asked{a.At, a.Name, []alert{{labels, annotations(a)}}})
		add(a.Name+" stays calm", a.Calm, asked{a.At, a.Name, []alert{}})
	}
	return file
}

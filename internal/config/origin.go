package config

import (
	"encoding/json"
	"fmt"
	"slices"
)

// answerSettings are the settings that decide what an equal question is answered with: how it is asked, whom, and how the
// answer is read. A test has every setting stand either here or among those that change no answer.
func answerSettings() []string {
	return []string{
		"dialect", "upstream-url", "page-size-max", "result-window",
		"aop-keyword-api", "aop-upload-api", "aop-image-api", "top-keyword-method", "top-image-method", "top-keyword-form",
		"aop-detail-api", "aop-seller-api", "aop-facets-api", "aop-top-keywords-api", "aop-related-api",
		"top-detail-method", "top-detail-id-param", "top-seller-method", "top-seller-id-param",
		"sandbox-catalog", codesSetting,
	}
}

// AnswerOrigin is a text that differs where settings differ that answers depend on, beside the account. What was kept
// under another one is not an answer to the same question.
func (s *Settings) AnswerOrigin() string {
	values := map[string]string{}
	names := answerSettings()
	for _, row := range Table() {
		if slices.Contains(names, row.Name) {
			values[row.Name] = fmt.Sprint(row.field(s).Interface())
		}
	}
	text, _ := json.Marshal(values) // In the order of their names; a map of strings can always be written.
	return string(text)
}

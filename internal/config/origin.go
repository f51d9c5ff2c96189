package config

import (
	"encoding/json"
	"fmt"
	"slices"
)

// answerSettings are the settings that the answer to a question depends on. A test requires that every setting is either here
// or among those that change no answer.
func answerSettings() []string {
	return []string{
		"dialect", "upstream-url", "page-size-max", "result-window",
		"aop-keyword-api", "aop-upload-api", "aop-image-api", "top-keyword-method", "top-image-method", "top-keyword-form",
		"aop-skip-keyword-translation",
		"aop-detail-api", "aop-seller-api", "aop-facets-api", "aop-top-keywords-api", "aop-related-api",
		"aop-categories-api", "aop-category-api", "aop-freight-api", "aop-order-preview-api",
		"aop-top-list-api", "aop-sales-trend-api", "aop-price-trend-api", "aop-repurchase-trend-api",
		"top-detail-method", "top-detail-id-param", "top-seller-method", "top-seller-id-param",
		"sandbox-catalog", "sandbox-drift", codesSetting,
	}
}

// AnswerOrigin is a text of all settings that answers depend on, except the account. An answer cached under a different
// origin is not used.
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

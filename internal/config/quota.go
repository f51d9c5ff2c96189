package config

import (
	"fmt"
	"strconv"
	"strings"
)

// APILimit is what one API allows; zero is no limit.
type APILimit struct {
	PerSecond float64
	PerDay    int64
}

// APILimits reads the limits of single APIs, by the API's name.
func (q Quota) APILimits() (map[string]APILimit, error) {
	limits := map[string]APILimit{}
	for text := range strings.SplitSeq(q.PerAPI, ",") {
		text = strings.TrimSpace(text)
		if text == "" {
			continue
		}
		api, amounts, ok := strings.Cut(text, "=")
		if !ok || api == "" {
			return nil, fmt.Errorf("%q is not of the form API=QPS[/DAILY]", text)
		}
		if _, twice := limits[api]; twice {
			return nil, fmt.Errorf("%s occurs twice", api)
		}
		perSecond, perDay, hasDay := strings.Cut(amounts, "/")
		var limit APILimit
		var err error
		if limit.PerSecond, err = strconv.ParseFloat(perSecond, 64); err != nil || !(limit.PerSecond >= 0 && limit.PerSecond <= 1e6) {
			return nil, fmt.Errorf("%q: %q is not a number of calls a second", text, perSecond)
		}
		if hasDay {
			if limit.PerDay, err = strconv.ParseInt(perDay, 10, 64); err != nil || limit.PerDay < 0 {
				return nil, fmt.Errorf("%q: %q is not a number of calls a day", text, perDay)
			}
		}
		limits[api] = limit
	}
	return limits, nil
}

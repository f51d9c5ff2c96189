package access

import "time"

// Verdict is the answer to "may this call run now".
type Verdict int

// The verdicts, in the order the questions are asked.
const (
	Admitted Verdict = iota
	// TooFast: the app's rate. APITooFast: the API's rate.
	TooFast
	APITooFast
	// DayUsedUp: no calls left until midnight in China.
	DayUsedUp
	// PackageUsedUp: the paid package of this API is empty.
	PackageUsedUp
)

// Admit spends one call of the app on the API, or says why not; a refused call spends nothing. arrived is when the request
// reached the platform, which is the moment every limit counts, however long its body took. Wait is how long until the
// limit that refused lets a call through; zero when admitted, or when only the operator can help.
func (g *Control) Admit(key, api string, arrived time.Time) (v Verdict, wait time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	if !ok {
		return TooFast, 0
	}
	a.turnDay(arrived)
	perAPI := a.apiWindow(api)
	apiLimit := g.limits.APIPerSecond[api]
	left, paid := a.packages[api]
	switch {
	case g.limits.PerSecond > 0 && !a.rate.fits(arrived, g.limits.PerSecond):
		return TooFast, span
	case apiLimit > 0 && !perAPI.fits(arrived, apiLimit):
		return APITooFast, span
	case g.limits.PerDay > 0 && a.dayCalls >= g.limits.PerDay:
		return DayUsedUp, untilMidnight(arrived)
	case paid && left <= 0:
		return PackageUsedUp, 0
	}
	if g.limits.PerSecond > 0 {
		a.rate.add(arrived)
	}
	if apiLimit > 0 {
		perAPI.add(arrived)
	}
	a.dayCalls++
	if paid {
		a.packages[api] = left - 1
	}
	return Admitted, 0
}

// turnDay starts a new count when a later day of China time begins. A straggler from the day before counts to the new one.
func (a *account) turnDay(t time.Time) {
	if day := China(t).Format(time.DateOnly); day > a.day {
		a.day, a.dayCalls = day, 0
	}
}

func (a *account) apiWindow(api string) *window {
	w, ok := a.apiRate[api]
	if !ok {
		w = new(window)
		a.apiRate[api] = w
	}
	return w
}

func untilMidnight(t time.Time) time.Duration {
	local := China(t)
	year, month, day := local.Date()
	return time.Date(year, month, day+1, 0, 0, 0, 0, local.Location()).Sub(local)
}

// Renew sets the calls left in the package of an (app, API).
func (g *Control) Renew(key, api string, calls int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a, ok := g.apps[key]
	if !ok {
		return
	}
	if a.packages == nil {
		a.packages = make(map[string]int)
	}
	a.packages[api] = calls
}

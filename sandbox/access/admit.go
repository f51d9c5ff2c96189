package access

import "time"

// Verdict says whether a call may run now, or why not.
type Verdict int

// The verdicts, in the order of the checks.
const (
	Admitted Verdict = iota
	// TooFast: the rate of the app is exceeded. APITooFast: the rate of the API.
	TooFast
	APITooFast
	// DayUsedUp: no calls are left until midnight in China.
	DayUsedUp
	// PackageUsedUp: the paid package of this API is empty.
	PackageUsedUp
)

// Admit counts one call of the app on the API, or returns why it is refused. A refused call is not counted. arrived is when
// the request reached the platform; every limit counts by it, however long the body took. wait is how long until the limit
// that refused admits a call again; it is zero when the call is admitted, or when only the operator can help.
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
	case a.perSecond > 0 && !a.rate.fits(arrived, a.perSecond):
		return TooFast, span
	case apiLimit > 0 && !perAPI.fits(arrived, apiLimit):
		return APITooFast, span
	case a.perDay > 0 && a.dayCalls >= a.perDay:
		return DayUsedUp, untilMidnight(arrived)
	case paid && left <= 0:
		return PackageUsedUp, 0
	}
	if a.perSecond > 0 {
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

// turnDay starts a new count when a new day of China time begins. A call that arrived the day before and is decided later
// counts for the new day.
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

// Renew sets the calls that are left in the package of an (app, API).
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

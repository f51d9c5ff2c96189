package access

import (
	"testing"
	"time"
)

func open(t *testing.T, limits Limits) *Control {
	t.Helper()
	g, err := New([]App{{Key: "k", Secret: "s"}, {Key: "other", Secret: "s"}}, limits)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestAdmit(t *testing.T) {
	type step struct {
		app, api string
		at       time.Duration
		want     Verdict
		wait     time.Duration
	}
	for name, tc := range map[string]struct {
		limits Limits
		steps  []step
	}{
		"no limits": {Limits{}, []step{{"k", "a", 0, Admitted, 0}, {"k", "a", 0, Admitted, 0}}},
		"per app": {Limits{PerSecond: 1}, []step{
			{"k", "a", 0, Admitted, 0},
			{"k", "b", 999 * time.Millisecond, TooFast, time.Second},
			{"other", "a", 999 * time.Millisecond, Admitted, 0},
			{"k", "b", time.Second, Admitted, 0},
		}},
		"per API": {Limits{PerSecond: 3, APIPerSecond: map[string]int{"a": 1}}, []step{
			{"k", "a", 0, Admitted, 0},
			{"k", "a", 1, APITooFast, time.Second},
			{"k", "b", 2, Admitted, 0},
			{"k", "b", 3, Admitted, 0},
			{"k", "b", 4, TooFast, time.Second}, // the refused call on a spent nothing
		}},
		// The epoch is 08:00 in China: sixteen hours to midnight.
		"per day in China": {Limits{PerDay: 2}, []step{
			{"k", "a", 0, Admitted, 0},
			{"k", "a", 15 * time.Hour, Admitted, 0},
			{"k", "a", 16*time.Hour - time.Second, DayUsedUp, time.Second},
			{"k", "a", 16 * time.Hour, Admitted, 0},
		}},
		"package": {Limits{Packages: map[string]int{"a": 1}}, []step{
			{"k", "a", 0, Admitted, 0},
			{"k", "a", time.Hour, PackageUsedUp, 0},
			{"k", "b", time.Hour, Admitted, 0},
			{"other", "a", time.Hour, Admitted, 0},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			g := open(t, tc.limits)
			for i, s := range tc.steps {
				got, wait := g.Admit(s.app, s.api, epoch.Add(s.at))
				if got != s.want || wait != s.wait {
					t.Fatalf("step %d: %v %v, want %v %v", i, got, wait, s.want, s.wait)
				}
			}
		})
	}
}

func TestRenewPackage(t *testing.T) {
	g := open(t, Limits{})
	g.Renew("k", "a", 1)
	for i, want := range []Verdict{Admitted, PackageUsedUp} {
		if got, _ := g.Admit("k", "a", epoch); got != want {
			t.Fatalf("call %d: %v, want %v", i, got, want)
		}
	}
}

func TestTokensAndPermissions(t *testing.T) {
	g, err := New([]App{{
		Key: "k", Secret: "s", APIs: []string{"a"},
		Tokens: []Token{{Value: "ever"}, {Value: "short", Expires: epoch.Add(time.Hour)}},
	}}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	check := func(what string, got, want bool) {
		t.Helper()
		if got != want {
			t.Errorf("%s: %v, want %v", what, got, want)
		}
	}
	check("never expires", g.TokenValid("k", "ever", epoch.Add(1e6*time.Hour)), true)
	check("before its end", g.TokenValid("k", "short", epoch.Add(time.Hour-1)), true)
	check("at its end", g.TokenValid("k", "short", epoch.Add(time.Hour)), false)
	check("false", g.TokenValid("k", "made up", epoch), false)
	check("empty", g.TokenValid("k", "", epoch), false)
	g.Revoke("k", "ever")
	check("revoked", g.TokenValid("k", "ever", epoch), false)
	g.IssueToken("k", Token{Value: "new"})
	check("issued", g.TokenValid("k", "new", epoch), true)

	check("permitted", g.Permitted("k", "a"), true)
	check("not permitted", g.Permitted("k", "b"), false)
	g.Permit("k", "b", true)
	check("given", g.Permitted("k", "b"), true)
	g.Permit("k", "a", false)
	check("taken", g.Permitted("k", "a"), false)
	check("unknown app", g.Permitted("nobody", "a"), false)
}

func TestNewRefuses(t *testing.T) {
	for name, tc := range map[string]struct {
		apps   []App
		limits Limits
	}{
		"no apps":        {nil, Limits{}},
		"no key":         {[]App{{Secret: "s"}}, Limits{}},
		"no secret":      {[]App{{Key: "k"}}, Limits{}},
		"twice":          {[]App{{Key: "k", Secret: "s"}, {Key: "k", Secret: "t"}}, Limits{}},
		"negative limit": {[]App{{Key: "k", Secret: "s"}}, Limits{APIPerSecond: map[string]int{"a": -1}}},
	} {
		if _, err := New(tc.apps, tc.limits); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

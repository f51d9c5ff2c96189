package callers

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/zhaohuo-dev/zhaohuo/internal/base/fault"
	"github.com/zhaohuo-dev/zhaohuo/internal/base/secret"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func hashText(key secret.Text) string {
	hash := HashOf(key)
	return hex.EncodeToString(hash[:])
}

func TestParse(t *testing.T) {
	a, b := hashText("a"), hashText("b")
	end := time.Date(2027, 1, 31, 0, 0, 0, 0, time.FixedZone("", 8*3600))
	for name, test := range map[string]struct {
		text string
		want []Entry
		err  string
	}{
		"plain": {"- name: shop\n  sha256: " + a + "\n", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1}}, ""},
		"all of it": {
			"- {name: shop, sha256: " + a + ", weight: 2.5, expires: 2027-01-31T00:00:00+08:00, rate: 0.5, admin: true}\n- name: cron\n  sha256: " + strings.ToUpper(b),
			[]Entry{{Name: "shop", Hash: HashOf("a"), Weight: 2.5, Expires: end, Rate: 0.5, Admin: true}, {Name: "cron", Hash: HashOf("b"), Weight: 1}},
			"",
		},
		"JSON": {`[{"name":"shop","sha256":"` + a + `","weight":3}]`, []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 3}}, ""},
		"a key is being replaced": {
			"- {name: shop, sha256: " + a + "}\n- {name: shop, sha256: " + b + "}",
			[]Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1}, {Name: "shop", Hash: HashOf("b"), Weight: 1}},
			"",
		},
		"nothing":           {"", nil, "there is no key in it"},
		"a comment":         {"# soon\n", nil, "there is no key in it"},
		"an empty list":     {"[]", nil, "there is no key in it"},
		"no list":           {"\nname: shop\n", nil, "line 2: must be a list of keys, each with name and sha256"},
		"two documents":     {"- {name: shop, sha256: " + a + "}\n---\n[]\n", nil, "holds more than one document"},
		"no YAML":           {"- name: shop\n  sha256: \"CANARY\n- x: y: z\n", nil, "line 2: is not YAML"},
		"a key itself":      {"- CANARY\n", nil, "line 1: must be a key with name and sha256"},
		"a key as its hash": {"- name: shop\n  sha256: CANARY\n", nil, "line 2: sha256 must be the key's SHA-256 in 64 hexadecimal digits"},
		"half a hash":       {"- name: shop\n  sha256: " + a[:32], nil, "line 2: sha256 must be the key's SHA-256 in 64 hexadecimal digits"},
		"no hash":           {"- name: shop\n", nil, "line 1: must have one of sha256, subject and certificate"},
		"no name":           {"- sha256: " + a, nil, "line 1: name is missing"},
		"unknown field":     {"- name: shop\n  key: CANARY\n", nil, "line 2: holds what is none of name, sha256, subject, certificate, weight, expires, rate, concurrent, daily, agent_class, admin, accounts and apis"},
		"field twice":       {"- name: shop\n  name: shop\n", nil, "line 2: name is there twice"},
		"field is a list":   {"- name: [shop]\n", nil, "line 1: name must be a plain value"},
		"an address":        {"- name: 10.0.0.1\n", nil, "line 1: name must be a letter, then up to 62 letters, digits, _ and -"},
		"name of nobody":    {"- name: IP\n", nil, "line 1: name IP is taken: it means callers without a key"},
		"long name":         {"- name: " + strings.Repeat("a", 64), nil, "line 1: name must be a letter, then up to 62 letters, digits, _ and -"},
		"weight 0":          {"- name: shop\n  weight: 0\n", nil, "line 2: weight must be over 0 and at most 1000"},
		"weight NaN":        {"- name: shop\n  weight: nan\n", nil, "line 2: weight must be over 0 and at most 1000"},
		"three ways": {
			"- {name: shop, sha256: " + a + "}\n- {name: shop, subject: 'shop@corp'}\n- {name: shop, certificate: 'spiffe://corp/shop'}",
			[]Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1}, {Name: "shop", Subject: "shop@corp", Weight: 1}, {Name: "shop", Certificate: "spiffe://corp/shop", Weight: 1}},
			"",
		},
		"two ways at once":  {"- {name: shop, subject: x, certificate: x}", nil, "line 1: must have one of sha256, subject and certificate"},
		"twice the subject": {"- {name: shop, subject: x}\n- {name: cron, subject: x}", nil, "line 2: is a key that is there already"},
		"no subject":        {"- {name: shop, subject: ''}", nil, "line 1: subject must be a text of 1 to 255 bytes"},
		"paused":            {"- {name: shop, sha256: " + a + ", rate: 0}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, Paused: true}}, ""},
		"paused as -0.0":    {"- {name: shop, sha256: " + a + ", rate: -0.0}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, Paused: true}}, ""},
		"half a pause":      {"- {name: shop, sha256: " + a + ", rate: 0}\n- {name: shop, sha256: " + b + "}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"bounds":            {"- {name: shop, sha256: " + a + ", concurrent: 3, daily: 1000}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, Concurrent: 3, Daily: 1000}}, ""},
		"agents":            {"- {name: shop, sha256: " + a + ", agent_class: interactive}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, AgentClass: "interactive"}}, ""},
		"agents of sorts":   {"- name: shop\n  agent_class: CANARY\n", nil, "line 2: agent_class must be batch or interactive"},
		"concurrent 0":      {"- name: shop\n  concurrent: 0\n", nil, "line 2: concurrent must be a number of requests at the same time from 1 to 1000000"},
		"daily 0":           {"- name: shop\n  daily: 0\n", nil, "line 2: daily must be a number of upstream calls a day from 1 to 1000000000"},
		"half a call":       {"- name: shop\n  daily: 0.5\n", nil, "line 2: daily must be a number of upstream calls a day from 1 to 1000000000"},
		"two bounds":        {"- {name: shop, sha256: " + a + ", daily: 1}\n- {name: shop, sha256: " + b + ", daily: 2}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"rate below 0":      {"- name: shop\n  rate: -1\n", nil, "line 2: rate must be over 0 and at most 1e+06 requests a second, or 0 to pause the caller"},
		"a date":            {"- name: shop\n  expires: 2027-01-31\n", nil, "line 2: expires must be a time such as 2027-01-31T00:00:00+08:00"},
		"twice the key":     {"- {name: shop, sha256: " + a + "}\n- {name: cron, sha256: " + a + "}", nil, "line 2: is a key that is there already"},
		"two weights":       {"- {name: shop, sha256: " + a + "}\n- {name: shop, sha256: " + b + ", weight: 2}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"two rates":         {"- {name: shop, sha256: " + a + ", rate: 1}\n- {name: shop, sha256: " + b + "}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"half an operator":  {"- {name: shop, sha256: " + a + ", admin: true}\n- {name: shop, sha256: " + b + "}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"admin of sorts":    {"- name: shop\n  admin: yes\n", nil, "line 2: admin must be true or false"},
		"no operator":       {"- {name: shop, sha256: " + a + ", admin: false}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1}}, ""},
		"accounts":          {"- {name: shop, sha256: " + a + ", accounts: [second, main]}", []Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, Accounts: "main,second"}}, ""},
		"no account":        {"- name: shop\n  accounts: []\n", nil, "line 2: accounts must be a list of names of accounts, such as [main, second]"},
		"account of sorts":  {"- name: shop\n  accounts: main\n", nil, "line 2: accounts must be a list of names of accounts, such as [main, second]"},
		"name of sorts":     {"- name: shop\n  accounts: ['CANARY 1']\n", nil, "line 2: accounts must be a list of names of accounts, such as [main, second]"},
		"accounts twice":    {"- name: shop\n  accounts: [a]\n  accounts: [a]\n", nil, "line 3: accounts is there twice"},
		"two pins":          {"- {name: shop, sha256: " + a + ", accounts: [a]}\n- {name: shop, sha256: " + b + "}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"apis": {
			"- name: shop\n  sha256: " + a + "\n  apis:\n  - {api: b.c:d-1, kind: read, cache: 10m, class: batch, budget: 5}\n  - api: a.b\n",
			[]Entry{{Name: "shop", Hash: HashOf("a"), Weight: 1, APIs: APIs{{Name: "a.b", Write: true}, {Name: "b.c:d-1", Cache: 10 * time.Minute, Batch: true, Budget: 5}}}},
			"",
		},
		"no list of apis":    {"- name: shop\n  apis: all\n", nil, "line 2: apis must be a list of at most 1000 APIs, such as [{api: com.alibaba.product:alibaba.category.get-1, kind: read}]"},
		"an api as text":     {"- name: shop\n  apis: [a.b]\n", nil, "line 2: an API of apis must have api, and may have kind, cache, class and budget"},
		"no api":             {"- name: shop\n  apis: [{kind: read}]\n", nil, "line 2: an API of apis has no name: api is missing"},
		"an api twice":       {"- name: shop\n  apis: [{api: a.b}, {api: a.b}]\n", nil, "line 2: an API of apis is there twice"},
		"a path":             {"- name: shop\n  apis: [{api: a/b}]\n", nil, "line 2: api must be namespace:name-version, such as com.alibaba.product:alibaba.category.get-1, or a method of TOP"},
		"tokens":             {"- name: shop\n  apis: [{api: 'system.oauth2:getToken-1'}]\n", nil, "line 2: api must not be one that gives out access tokens"},
		"a kind":             {"- name: shop\n  apis: [{api: a.b, kind: CANARY}]\n", nil, "line 2: kind must be read or write"},
		"a stored write":     {"- name: shop\n  apis: [{api: a.b, cache: 10m}]\n", nil, "line 2: cache is for an API with kind: read"},
		"an old answer":      {"- name: shop\n  apis: [{api: a.b, kind: read, cache: 25h}]\n", nil, "line 2: cache must be a duration from 1s to 24h0m0s, such as 10m"},
		"a class":            {"- name: shop\n  apis: [{api: a.b, class: CANARY}]\n", nil, "line 2: class must be interactive or batch"},
		"a budget of 0":      {"- name: shop\n  apis: [{api: a.b, budget: 0}]\n", nil, "line 2: budget must be a number of calls a day from 1 to 1000000000"},
		"an unknown part":    {"- name: shop\n  apis: [{api: a.b, CANARY: 1}]\n", nil, "line 2: an API of apis holds what is none of api, kind, cache, class and budget"},
		"two lists":          {"- {name: shop, sha256: " + a + ", apis: [{api: a.b}]}\n- {name: shop, sha256: " + b + "}", nil, "line 2: has another weight, rate, concurrent, daily, agent_class, admin, accounts or apis than another key of the same name: they are one caller"},
		"an alias":           {"- &x {name: shop, sha256: " + a + "}\n- *x", nil, "line 2: must be a key with name and sha256"},
		"a name that is not": {"- name: ''\n", nil, "line 1: name must be a letter, then up to 62 letters, digits, _ and -"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := Parse([]byte(test.text))
			message := ""
			if err != nil {
				message = err.Error()
			}
			if diff := cmp.Diff(test.want, got); message != test.err || diff != "" {
				t.Errorf("error %q, want %q; (-want +got):\n%s", message, test.err, diff)
			}
		})
	}
}

// FuzzParse: parsed values are within their bounds, and no error quotes the text.
func FuzzParse(f *testing.F) {
	for _, seed := range []string{"", "[]", "- name: shop\n  sha256: " + hashText("a") + "\n  rate: 2\n", "- {name: a, sha256: " + hashText("a") + ", rate: 0, daily: 1, concurrent: 1}", "- CANARY", "CANARY: [", "- sha256: CANARY", "- apis: [{api: CANARY, kind: read, cache: 1m}]", "? CANARY\n", "- {CANARY: 1}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		entries, err := Parse(text)
		if err != nil {
			if strings.Contains(err.Error(), "CANARY") {
				t.Fatalf("%q", err)
			}
			return
		}
		if len(entries) == 0 {
			t.Fatal("no entries and no error")
		}
		for _, e := range entries {
			if CheckName(e.Name) != nil || CheckWeight(e.Weight) != nil || CheckRate(e.Rate) != nil || e.Paused && e.Rate != 0 ||
				e.Concurrent < 0 || e.Daily < 0 || (e.Admit() != nil) != e.Paused {
				t.Fatalf("%+v", e)
			}
		}
	})
}

func TestMintedKeysMatchTheirEntries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		want := Entry{
			Name:   rapid.StringMatching(`[A-Za-z][A-Za-z0-9_-]{3,62}`).Draw(t, "name"),
			Weight: rapid.Float64Range(0.001, 1000).Draw(t, "weight"),
			Rate:   rapid.Float64Range(0, 1000).Draw(t, "rate"),
		}
		if want.Rate == 0 {
			want.Paused = rapid.Bool().Draw(t, "paused")
		}
		if rapid.Bool().Draw(t, "bounded") {
			want.Concurrent, want.Daily = rapid.IntRange(1, ConcurrentMax).Draw(t, "concurrent"), rapid.Int64Range(1, DailyMax).Draw(t, "daily")
		}
		want.AgentClass = rapid.SampledFrom([]string{"", "batch", "interactive"}).Draw(t, "agents")
		if rapid.Bool().Draw(t, "pinned") {
			want.Accounts = "main,second"
		}
		if rapid.Bool().Draw(t, "apis") {
			want.APIs = APIs{{Name: "a.b", Cache: time.Minute, Batch: true, Budget: 7}, {Name: "b.c:d.e-1", Write: true}}
		}
		if rapid.Bool().Draw(t, "expires") {
			want.Expires = time.Unix(rapid.Int64Range(0, 1<<33).Draw(t, "at"), 0).UTC()
		}
		key, want := Mint(want)
		if way := rapid.IntRange(0, 2).Draw(t, "way"); way > 0 {
			text := rapid.StringMatching(`[ -~蓝]{1,80}`).Draw(t, "identity")
			other := want
			other.Hash = [32]byte{}
			if way == 1 {
				other.Subject = text
			} else {
				other.Certificate = text
			}
			got, err := Parse([]byte(other.YAML()))
			if diff := cmp.Diff([]Entry{other}, got); err != nil || diff != "" {
				t.Fatalf("%v (-want +got):\n%s", err, diff)
			}
		}
		if !strings.HasPrefix(key.Reveal(), "zhk_") || len(key.Reveal()) != 30 || strings.Contains(want.YAML(), key.Reveal()) {
			t.Fatalf("key of %d characters, entry %s", len(key.Reveal()), want.YAML())
		}
		got, err := Parse([]byte(want.YAML()))
		if diff := cmp.Diff([]Entry{want}, got); err != nil || diff != "" {
			t.Fatalf("%v (-want +got):\n%s", err, diff)
		}
		k := open(t, Options{Text: want.YAML()})
		found, err := k.Find(key)
		if expired := !want.Expires.IsZero() && want.Expires.Before(time.Now()); (err != nil) != expired || (!expired && found.Name != want.Name) {
			t.Fatalf("%+v, %v", found, err)
		}
	})
	if a, _ := Mint(Entry{}); hashText(a) == hashText("") {
		t.Error("an empty key was accepted")
	}
}

type failer interface {
	Helper()
	Fatal(...any)
}

func open(t failer, o Options) *Keyring {
	t.Helper()
	k, err := Open(o)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

// TestEveryEntryIsCompared: a key is found at any position, and a nearly correct key is as wrong as any other.
func TestEveryEntryIsCompared(t *testing.T) {
	var entries []Entry
	keys := map[string]secret.Text{}
	for i := range 20 {
		key, entry := Mint(Entry{Name: fmt.Sprintf("c%d", i), Weight: 1})
		entries, keys[entry.Name] = append(entries, entry), key
	}
	for _, entry := range entries {
		key := keys[entry.Name]
		if got, ok := find(entries, key); !ok || got.Name != entry.Name {
			t.Errorf("%s: found %q, %v", entry.Name, got.Name, ok)
		}
		for _, wrong := range []secret.Text{"", key + "x", key[:len(key)-1], secret.Text(strings.ToLower(key.Reveal())), secret.Text(hex.EncodeToString(entry.Hash[:]))} {
			if got, ok := find(entries, wrong); ok {
				t.Errorf("%s: a wrong key was accepted as %s's", entry.Name, got.Name)
			}
		}
	}
	if _, ok := find(nil, "x"); ok {
		t.Error("a key was found without entries")
	}
}

// TestARateThatIsWrittenIsNoMissingOne: whatever an entry says of its rate, the caller is limited to it, paused, or the entry is
// refused.
func TestARateThatIsWrittenIsNoMissingOne(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		written := rapid.OneOf(rapid.SampledFrom([]string{"0", "-0", "0.0", "0e9", "00", "1e-400", "null", "~", "", "''", "false", ".inf", "-1"}),
			rapid.Map(rapid.Float64(), func(f float64) string { return fmt.Sprint(f) })).Draw(t, "rate")
		entries, err := Parse([]byte("- {name: shop, sha256: " + hashText("a") + ", rate: " + written + "}"))
		if err != nil {
			return
		}
		if e := entries[0]; (e.Rate > 0) == (fault.KindOf(e.Admit()) == fault.CallerPaused) {
			t.Fatalf("rate: %s is read as %+v", written, e)
		}
	})
}

func TestExpiry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		key, entry := Mint(Entry{Name: "shop", Expires: time.Now().Add(time.Hour)})
		k := open(t, Options{Text: entry.YAML()})
		time.Sleep(time.Hour - time.Nanosecond)
		if _, err := k.Find(key); err != nil {
			t.Errorf("just before: %v", err)
		}
		time.Sleep(time.Nanosecond)
		for given, want := range map[secret.Text]string{
			key:         "CALLER_UNAUTHENTICATED: the API key of shop has expired",
			"zhk_WRONG": "CALLER_UNAUTHENTICATED: the API key is not known",
		} {
			if _, err := k.Find(given); fault.KindOf(err) != fault.CallerUnauthenticated || err.Error() != want {
				t.Errorf("%v, want %s", err, want)
			}
		}
	})
}

func TestRates(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := NewRates()
		burst := func(caller string, perSecond float64) (taken int, wait time.Duration) {
			for range 100 {
				var ok bool
				if wait, ok = r.Take(caller, perSecond); !ok {
					return taken, wait
				}
				taken++
			}
			return taken, wait
		}
		step := func(name, caller string, perSecond float64, want int, wantWait time.Duration) {
			t.Helper()
			if taken, wait := burst(caller, perSecond); taken != want || wait != wantWait {
				t.Errorf("%s: %d accepted, then wait %v; want %d, %v", name, taken, wait, want, wantWait)
			}
		}
		step("a second's worth", "shop", 5, 5, 200*time.Millisecond)
		step("another caller", "cron", 5, 5, 200*time.Millisecond)
		step("no limit", "free", 0, 100, 0)
		step("below one a second", "slow", 0.5, 1, 2*time.Second)
		time.Sleep(199 * time.Millisecond)
		step("refusals cost nothing, and the wait was honest: before", "shop", 5, 0, time.Millisecond)
		time.Sleep(time.Millisecond)
		step("after", "shop", 5, 1, 200*time.Millisecond)
		step("the rate is changed", "shop", 10, 0, 100*time.Millisecond)
		time.Sleep(10 * time.Second)
		step("the new burst", "shop", 10, 10, 100*time.Millisecond)
	})
}

func TestRatesAreBounded(t *testing.T) {
	r := NewRates()
	for i := range 3 * bucketsMax {
		r.Take(fmt.Sprint(i), 0.001)
	}
	if got := len(r.buckets); got > bucketsMax || got < bucketsMax/8*7 {
		t.Errorf("%d buckets", got)
	}
}

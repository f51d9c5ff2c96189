package config

import "testing"

// TestPushPath: only paths below /push are allowed, so that they are no other path of the REST port.
func TestPushPath(t *testing.T) {
	for path, want := range map[string]bool{
		"": true, "/push": true, "/push/1688": true, "/push/1688/a_b/c-d": true,
		"push": false, "/": false, "/v1/products:keywordSearch": false, "/push/": false, "/pushes": false, "/push/a/b/c/d": false,
		"/push/../v1": false, "/push/%61": false, "/push?x": false,
	} {
		l := &Loaded{}
		l.Pushes.Path = path
		if err := l.checkPushes(); (err == nil) != want {
			t.Errorf("%q: %v", path, err)
		}
		l.Listen.NoHTTP = true
		if err := l.checkPushes(); (err == nil) != (path == "") {
			t.Errorf("%q without REST: %v", path, err)
		}
	}
}

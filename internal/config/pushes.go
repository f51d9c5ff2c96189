package config

import (
	"regexp"
	"time"
)

// Pushes has the settings of the door for messages that 1688 pushes.
type Pushes struct {
	Path    string        `name:"push-path" placeholder:"PATH" help:"Path of the REST port where 1688 pushes changes of goods, such as /push/1688: then the service no longer uses stored details of these goods, and observes price watches of them. It begins with /push. All replicas need the same. Unset: no pushes. See docs/PUSHES.md."`
	CatchUp time.Duration `name:"push-catch-up" default:"1h" help:"How often 1688 is asked for pushes that it could not deliver, 1m to 24h, and at start: a call for each account (class batch), and more where there are some. 0: never. Dialect aop only, and only with push-path."`
}

// pushPath has letters that need no escape in an address. It begins with /push, so that it is no other path of the REST port.
var pushPath = regexp.MustCompile(`^/push(/[A-Za-z0-9_-]{1,64}){0,3}$`)

func (l *Loaded) checkPushes() error {
	switch path := l.Pushes.Path; {
	case path == "":
		return nil
	case !pushPath.MatchString(path):
		return l.refuse("push-path", "must be /push, or begin with /push/ and have up to three parts of letters, digits, - and _, such as /push/1688")
	case l.Listen.NoHTTP:
		return l.refuse("push-path", "needs REST, which %s turns off", l.Named("no-http"))
	}
	if l.Pushes.CatchUp == 0 {
		return nil
	}
	return within(l, "push-catch-up", l.Pushes.CatchUp, time.Minute, 24*time.Hour)
}

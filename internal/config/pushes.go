package config

import "regexp"

// Pushes has the settings of the door for messages that 1688 pushes.
type Pushes struct {
	Path string `name:"push-path" placeholder:"PATH" help:"Path of the REST port where 1688 pushes changes of goods, such as /push/1688: then stored details of these goods are not used any more, and price watches of them are observed. It begins with /push. All replicas need the same. Unset: no pushes. See docs/PUSHES.md."`
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
	return nil
}

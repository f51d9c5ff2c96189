package fault

// Scope is what a limit of the upstream holds for. The dialect names it, because only its error table knows.
type Scope uint8

// The scopes.
const (
	// ScopeUnknown: the upstream did not say. Whoever obeys the limit has to choose the safer reading.
	ScopeUnknown Scope = iota
	// ScopeAPI: the limit holds for the one API that was asked.
	ScopeAPI
	// ScopeApp: the limit holds for every API of the App Key.
	ScopeApp
)

// String names the scope, for logs and settings; empty for [ScopeUnknown].
func (s Scope) String() string {
	switch s {
	case ScopeAPI:
		return "api"
	case ScopeApp:
		return "app"
	default:
		return ""
	}
}

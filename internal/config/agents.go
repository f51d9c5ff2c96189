package config

// Agents has the settings of the door for AI agents.
type Agents struct {
	Off          bool `name:"no-mcp" help:"Do not serve AI agents at /mcp of the REST port (Model Context Protocol)."`
	SessionCalls int  `name:"mcp-session-calls" default:"100" placeholder:"N" help:"Most upstream calls that the agents of one caller spend at /mcp in an hour. Stored answers cost none. 0: only tools without cost work."`
}

func (l *Loaded) checkAgents() error {
	return within(l, "mcp-session-calls", l.Agents.SessionCalls, 0, 1_000_000)
}

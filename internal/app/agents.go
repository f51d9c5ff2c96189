package app

import (
	"context"
	"net/http"

	"google.golang.org/grpc"

	"github.com/zhaohuo-dev/zhaohuo"
	"github.com/zhaohuo-dev/zhaohuo/server/agent"
)

// agents is the door for AI agents; nil if the operator does not want it.
func (a *App) agents(conn grpc.ClientConnInterface, pictures agent.PictureFetcher) (http.Handler, error) {
	if a.settings.Agents.Off {
		return nil, nil
	}
	door, err := agent.New(agent.Config{
		Conn: conn, Version: a.options.Version, SessionCalls: a.settings.Agents.SessionCalls, Pictures: pictures, ClassOf: a.agentClass,
		Documents: AgentDocuments(), Log: a.log,
	})
	if err != nil {
		return nil, err
	}
	a.onClose(func(context.Context) error { return door.Close() })
	return door.Handler(), nil
}

// agentClass is the class of the agents of a caller; empty where the caller's entry has none.
func (a *App) agentClass(caller string) string {
	if a.keys == nil {
		return ""
	}
	entry, _ := a.keys.Named(caller)
	return entry.AgentClass
}

// AgentDocuments are the documents that agents may read.
func AgentDocuments() []agent.Document {
	var all []agent.Document
	for _, d := range zhaohuo.Documents() {
		all = append(all, agent.Document(d))
	}
	return all
}

package agent_test

import (
	"context"
	"fmt"

	"github.com/modelcontextprotocol/go-sdk/mcp"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/zhaohuo-dev/zhaohuo/server/agent"
)

// An agent learns which tools there are. Nothing is asked of the server before a tool is called.
func Example() {
	conn, err := grpc.NewClient("passthrough:///127.0.0.1:9090", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer conn.Close()
	door, err := agent.New(agent.Config{Conn: conn, Version: "1.0.0", SessionCalls: 20})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer door.Close()
	ours, theirs := mcp.NewInMemoryTransports()
	ctx, end := context.WithCancel(context.Background())
	defer end()
	go func() { _ = door.Run(ctx, theirs) }()
	session, err := mcp.NewClient(&mcp.Implementation{Name: "example", Version: "1"}, nil).Connect(ctx, ours, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer session.Close()
	tools, err := session.ListTools(ctx, nil)
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, tool := range tools.Tools {
		if !tool.Annotations.ReadOnlyHint {
			fmt.Println(tool.Name, "changes something")
		}
	}
	// Output:
	// create_price_watch changes something
	// pause_price_watch changes something
}

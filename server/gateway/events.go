package gateway

import (
	"bytes"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"google.golang.org/protobuf/proto"

	zhaohuov1 "github.com/zhaohuo-dev/zhaohuo/gen/zhaohuo/v1"
)

// eventStream is the media type of server-sent events, which a browser's EventSource reads and resumes by itself.
const eventStream = "text/event-stream"

// eventRetry is how many milliseconds an EventSource waits before it connects again.
const eventRetry = "2000"

// The names of server-sent events. The second is not "error": that is what an EventSource calls a lost connection.
const (
	priceEvent  = "priceEvent"
	streamError = "streamError"
)

// lastEventID is the header by which an EventSource says where it was cut off.
const lastEventID = "Last-Event-ID"

// sendsEvents reports whether an RPC's stream is of events with ids, which can go on after the last one.
func sendsEvents(to route) bool {
	return to.response.Descriptor().FullName() == (&zhaohuov1.StreamPriceEventsResponse{}).ProtoReflect().Descriptor().FullName()
}

// wantsEvents reports whether the caller asks for server-sent events where there are any.
func wantsEvents(r *http.Request, to route) bool {
	return sendsEvents(to) && acceptsType(r, eventStream)
}

// acceptsType reports whether Accept names the media type itself. A range such as */* is served in the usual form.
func acceptsType(r *http.Request, mediaType string) bool {
	for _, line := range r.Header.Values("Accept") {
		for item := range strings.SplitSeq(line, ",") {
			name, parameters, err := mime.ParseMediaType(item)
			if err != nil || name != mediaType {
				continue
			}
			weight, err := strconv.ParseFloat(parameters["q"], 64)
			return parameters["q"] == "" || err == nil && weight > 0
		}
	}
	return false
}

// goOn has a stream go on after the event that the caller had last. An EventSource connects again to the same address, so
// its header is newer than the query.
func goOn(question proto.Message, r *http.Request) {
	if q, ok := question.(*zhaohuov1.StreamPriceEventsRequest); ok {
		if id := strings.TrimSpace(r.Header.Get(lastEventID)); id != "" {
			q.AfterEventId = id
		}
	}
}

// serverSentEvents writes each event with its id. A heartbeat is a comment with the id after which to go on.
type serverSentEvents struct{ out flushed }

func (s serverSentEvents) begin() {
	header := s.out.w.Header()
	header.Set("Cache-Control", "no-store")
	header.Set("X-Accel-Buffering", "no") // A proxy of nginx would hold events back.
	s.out.begin(eventStream)
}

func (s serverSentEvents) message(m proto.Message) bool {
	answer, ok := m.(*zhaohuov1.StreamPriceEventsResponse)
	if !ok {
		return false
	}
	if event := answer.GetEvent(); event != nil {
		return s.send(priceEvent, event.GetId(), streamJSON(event))
	}
	return s.out.write([]byte(": heartbeat\nretry: " + eventRetry + "\nid: " + answer.GetHeartbeatAfterEventId() + "\n\n"))
}

func (s serverSentEvents) failure(st proto.Message) bool {
	return s.send(streamError, "", streamJSON(st))
}

// send writes one event. data is one line, as JSON without indentation is.
func (s serverSentEvents) send(name, id string, data []byte) bool {
	if data == nil {
		return false
	}
	var text bytes.Buffer
	if id != "" {
		text.WriteString("id: " + id + "\n")
	}
	text.WriteString("event: " + name + "\ndata: ")
	text.Write(data)
	text.WriteString("\n\n")
	return s.out.write(text.Bytes())
}

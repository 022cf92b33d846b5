// SPDX-License-Identifier: Apache-2.0
// grpc-go as a peer for CatenaGRPC, driven as Tests/Interop/Peer is: settings as one argument of JSON, commands as lines of JSON, a
// line of JSON for each answer. Messages are bytes, so there is no generated code.

package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sync"

	"google.golang.org/grpc/encoding"
	_ "google.golang.org/grpc/encoding/gzip"
)

// Settings are what a scenario sets; durations are milliseconds, what is zero keeps grpc-go's default.
type Settings struct {
	Port                 int
	Target               string
	MaxConcurrentStreams uint32
	MaxConnectionAge     int
	Keepalive            int
	KeepaliveTimeout     int
	KeepaliveMinTime     int
}

// Command is a line from the scenario.
type Command struct {
	ID          int
	Command     string
	Method      string
	Payload     string
	Size        *int
	Metadata    [][2]string
	Timeout     *int
	Wait        bool
	Gzip        bool
	Count       int
	Concurrency int
	CancelAfter *int
	PauseAfter  *int
	Pause       int
	Code        int
}

// Answer is a line to the scenario.
type Answer struct {
	ID       int            `json:"id,omitempty"`
	Code     *int           `json:"code,omitempty"`
	Message  string         `json:"message"`
	Metadata [][2]string    `json:"metadata"`
	Trailers [][2]string    `json:"trailers"`
	Payload  string         `json:"payload"`
	Size     int            `json:"size"`
	Intact   bool           `json:"intact"`
	Count    int            `json:"count"`
	Took     float64        `json:"took"`
	Codes    map[string]int `json:"codes,omitempty"`
	Failure  *string        `json:"failure"`
	Counters map[string]int `json:"counters,omitempty"`
	Port     int            `json:"port,omitempty"`
}

// Bytes is the codec of messages that are bytes already. It takes the name, and so the place, of protobuf's.
type Bytes struct{}

func (Bytes) Marshal(v interface{}) ([]byte, error) { return *v.(*[]byte), nil }
func (Bytes) Unmarshal(data []byte, v interface{}) error {
	*v.(*[]byte) = append([]byte(nil), data...)
	return nil
}
func (Bytes) Name() string { return "proto" }

var output sync.Mutex

func write(answer Answer) {
	line, _ := json.Marshal(answer)
	output.Lock()
	defer output.Unlock()
	fmt.Println(string(line))
}

// commands gives every line of the input to take, until it ends.
func commands(take func(Command)) {
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var command Command
		if err := json.Unmarshal(lines.Bytes(), &command); err != nil {
			fail(err)
		}
		take(command)
	}
}

func fail(err error) {
	write(Answer{Message: err.Error()})
	os.Exit(1)
}

// pattern is bytes that show when a piece is lost, doubled or out of place.
func pattern(size int) []byte {
	bytes := make([]byte, size)
	for i := range bytes {
		bytes[i] = byte(i*31 + i>>8)
	}
	return bytes
}

func main() {
	encoding.RegisterCodec(Bytes{})
	var settings Settings
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: %s server|client JSON", os.Args[0]))
	}
	if err := json.Unmarshal([]byte(os.Args[2]), &settings); err != nil {
		fail(err)
	}
	switch os.Args[1] {
	case "server":
		serve(settings)
	case "client":
		call(settings)
	default:
		fail(fmt.Errorf("a peer is a server or a client, not %q", os.Args[1]))
	}
}

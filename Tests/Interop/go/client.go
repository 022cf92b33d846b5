// SPDX-License-Identifier: Apache-2.0
// A grpc-go client: one channel, and commands that run side by side until each has its answer.

package main

import (
	"bytes"
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding/gzip"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Client is a channel and what all its commands share.
type Client struct {
	conn    *grpc.ClientConn
	stopped int32
	sent    int64
}

func call(settings Settings) {
	options := []grpc.DialOption{grpc.WithInsecure()}
	if settings.Keepalive > 0 {
		options = append(options, grpc.WithKeepaliveParams(keepalive.ClientParameters{
			Time: milliseconds(settings.Keepalive), Timeout: milliseconds(settings.KeepaliveTimeout), PermitWithoutStream: true}))
	}
	conn, err := grpc.Dial(settings.Target, options...)
	if err != nil {
		fail(err)
	}
	client := &Client{conn: conn}
	write(Answer{})
	commands(func(command Command) {
		switch command.Command {
		case "call":
			go client.call(command)
		case "calls":
			go client.calls(command, false)
		case "load":
			atomic.StoreInt32(&client.stopped, 0)
			go client.calls(command, true)
		case "stop":
			atomic.StoreInt32(&client.stopped, 1)
		case "download":
			go client.download(command)
		case "upload":
			go client.upload(command)
		case "chat":
			go client.chat(command)
		case "counters":
			write(Answer{ID: command.ID, Counters: map[string]int{"sent": int(atomic.LoadInt64(&client.sent))}})
		default:
			write(Answer{ID: command.ID, Message: "unknown command"})
		}
	})
}

// begin gives what a command wants of each of its calls.
func (c *Client) begin(command Command) (context.Context, context.CancelFunc, []grpc.CallOption) {
	ctx, cancel := context.WithCancel(metadata.NewOutgoingContext(context.Background(), fromPairs(command.Metadata)))
	if command.Timeout != nil {
		ctx, cancel = context.WithTimeout(ctx, milliseconds(*command.Timeout))
	}
	options := []grpc.CallOption{grpc.WaitForReady(command.Wait)}
	if command.Gzip {
		options = append(options, grpc.UseCompressor(gzip.Name))
	}
	return ctx, cancel, options
}

func payload(command Command) []byte {
	if command.Size != nil {
		return pattern(*command.Size)
	}
	return []byte(command.Payload)
}

func path(command Command) string {
	if command.Method == "" {
		return "/interop.Peer/Echo"
	}
	return "/interop.Peer/" + command.Method
}

// ended tells how a call ended.
func (answer *Answer) ended(err error) {
	result, _ := status.FromError(err)
	code := int(result.Code())
	answer.Code = &code
	answer.Message = result.Message()
}

// call is one unary call.
func (c *Client) call(command Command) {
	began := time.Now()
	ctx, cancel, options := c.begin(command)
	defer cancel()
	if command.CancelAfter != nil {
		time.AfterFunc(milliseconds(*command.CancelAfter), cancel)
	}
	var header, trailer metadata.MD
	var reply []byte
	request := payload(command)
	err := c.conn.Invoke(ctx, path(command), &request, &reply, append(options, grpc.Header(&header), grpc.Trailer(&trailer))...)
	answer := Answer{ID: command.ID, Took: since(began), Size: len(reply), Intact: bytes.Equal(request, reply)}
	answer.ended(err)
	answer.Metadata, answer.Trailers = toPairs(custom(header)), toPairs(custom(trailer))
	if len(reply) < 1000 {
		answer.Payload = string(reply)
	}
	write(answer)
}

// calls is many unary calls: a number of them, or until they are stopped.
func (c *Client) calls(command Command, isLoad bool) {
	began := time.Now()
	answer := Answer{ID: command.ID, Codes: map[string]int{}}
	left := int64(command.Count)
	var lock sync.Mutex
	var group sync.WaitGroup
	for i := 0; i < command.Concurrency || i == 0; i++ {
		group.Add(1)
		go func() {
			defer group.Done()
			request := payload(command)
			goesOn := func(first bool) bool {
				if isLoad {
					return first || atomic.LoadInt32(&c.stopped) == 0
				}
				return atomic.AddInt64(&left, -1) >= 0
			}
			for first := true; goesOn(first); first = false {
				ctx, cancel, options := c.begin(command)
				var reply []byte
				err := c.conn.Invoke(ctx, path(command), &request, &reply, options...)
				cancel()
				lock.Lock()
				answer.Count++
				answer.Codes[strconv.Itoa(int(status.Code(err)))]++
				if err != nil && answer.Failure == nil {
					text := err.Error()
					answer.Failure = &text
				}
				lock.Unlock()
			}
		}()
	}
	group.Wait()
	answer.Took = since(began)
	write(answer)
}

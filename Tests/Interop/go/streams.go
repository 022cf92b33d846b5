// SPDX-License-Identifier: Apache-2.0
// The three kinds of streaming call from grpc-go's client side.

package main

import (
	"bytes"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"google.golang.org/grpc"
)

// download reads a stream of messages; it can stop reading for a while after some, or leave.
func (c *Client) download(command Command) {
	began := time.Now()
	ctx, cancel, options := c.begin(command)
	defer cancel()
	answer := Answer{ID: command.ID, Intact: true}
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true}, "/interop.Peer/Download", options...)
	if err == nil {
		request := []byte(fmt.Sprintf("%d %d %d", command.Count, *command.Size, command.Code))
		if err = stream.SendMsg(&request); err == nil {
			err = stream.CloseSend()
		}
	}
	expected := pattern(*command.Size)
	for err == nil {
		var message []byte
		if err = stream.RecvMsg(&message); err != nil {
			break
		}
		answer.Count++
		answer.Size += len(message)
		answer.Intact = answer.Intact && bytes.Equal(message, expected)
		if command.PauseAfter != nil && answer.Count == *command.PauseAfter {
			time.Sleep(milliseconds(command.Pause))
		}
		if command.CancelAfter != nil && answer.Count == *command.CancelAfter {
			cancel()
		}
	}
	if stream != nil {
		answer.Trailers = toPairs(custom(stream.Trailer()))
	}
	c.streamEnded(&answer, err, began)
}

// upload sends messages and reads the one answer.
func (c *Client) upload(command Command) {
	began := time.Now()
	ctx, cancel, options := c.begin(command)
	defer cancel()
	answer := Answer{ID: command.ID}
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ClientStreams: true}, "/interop.Peer/Upload", options...)
	message := pattern(*command.Size)
	for i := 0; err == nil && i < command.Count; i++ {
		if err = stream.SendMsg(&message); err == nil {
			atomic.AddInt64(&c.sent, int64(len(message)))
		}
	}
	// io.EOF says that the stream has ended; RecvMsg knows how.
	if err == nil || err == io.EOF {
		if err = stream.CloseSend(); err == nil {
			var reply []byte
			err = stream.RecvMsg(&reply)
			answer.Payload = string(reply)
		}
	}
	if err == nil {
		err = io.EOF
	}
	c.streamEnded(&answer, err, began)
}

// chat sends a message and waits for its echo, so many times.
func (c *Client) chat(command Command) {
	began := time.Now()
	ctx, cancel, options := c.begin(command)
	defer cancel()
	answer := Answer{ID: command.ID, Intact: true}
	stream, err := c.conn.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, "/interop.Peer/Chat", options...)
	message := pattern(*command.Size)
	for i := 0; err == nil && i < command.Count; i++ {
		if err = stream.SendMsg(&message); err != nil {
			break
		}
		var echo []byte
		if err = stream.RecvMsg(&echo); err == nil {
			answer.Count++
			answer.Intact = answer.Intact && bytes.Equal(message, echo)
		}
	}
	if err == nil {
		stream.CloseSend()
		var none []byte
		err = stream.RecvMsg(&none)
	}
	c.streamEnded(&answer, err, began)
}

// streamEnded answers; io.EOF is how a stream ends with status OK.
func (c *Client) streamEnded(answer *Answer, err error, began time.Time) {
	if err == io.EOF {
		err = nil
	}
	answer.ended(err)
	answer.Took = since(began)
	write(*answer)
}

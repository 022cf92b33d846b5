// SPDX-License-Identifier: Apache-2.0
// The methods that every peer offers under interop.Peer; their arguments are words of plain text.

package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
)

// Service holds what the methods share.
type Service struct{ counters *Counters }

type unary func(s *Service, ctx context.Context, payload []byte) ([]byte, error)

func method(name string, handler unary) grpc.MethodDesc {
	return grpc.MethodDesc{MethodName: name, Handler: func(
		s interface{}, ctx context.Context, decode func(interface{}) error, _ grpc.UnaryServerInterceptor,
	) (interface{}, error) {
		var payload []byte
		if err := decode(&payload); err != nil {
			return nil, err
		}
		service := s.(*Service)
		service.began(ctx)
		answer, err := handler(service, ctx, payload)
		return &answer, err
	}}
}

var service = grpc.ServiceDesc{
	ServiceName: "interop.Peer",
	HandlerType: (*interface{})(nil),
	Methods: []grpc.MethodDesc{
		method("Echo", (*Service).echo), method("Fail", (*Service).fail), method("Sleep", (*Service).sleep), method("Make", (*Service).make),
	},
	Streams: []grpc.StreamDesc{
		{StreamName: "Download", Handler: download, ServerStreams: true},
		{StreamName: "Upload", Handler: upload, ClientStreams: true},
		{StreamName: "Chat", Handler: chat, ServerStreams: true, ClientStreams: true},
	},
}

// began notes a call and the connection it came by.
func (s *Service) began(ctx context.Context) {
	from, _ := peer.FromContext(ctx)
	s.counters.lock.Lock()
	defer s.counters.lock.Unlock()
	s.counters.counts["begun"]++
	s.counters.peers[from.Addr.String()] = true
}

// echo gives the message and the caller's metadata back.
func (s *Service) echo(ctx context.Context, payload []byte) ([]byte, error) {
	own, _ := metadata.FromIncomingContext(ctx)
	own = custom(own)
	grpc.SetHeader(ctx, own)
	grpc.SetTrailer(ctx, own)
	return payload, nil
}

// fail ends with "CODE MESSAGE", and with the caller's metadata.
func (s *Service) fail(ctx context.Context, payload []byte) ([]byte, error) {
	own, _ := metadata.FromIncomingContext(ctx)
	grpc.SetTrailer(ctx, custom(own))
	words := strings.SplitN(string(payload), " ", 2)
	code, err := strconv.Atoi(words[0])
	if err != nil || len(words) < 2 {
		return nil, err
	}
	return []byte{}, status.Error(codes.Code(code), words[1])
}

// sleep answers after "MILLISECONDS", with none never; it counts callers that left before.
func (s *Service) sleep(ctx context.Context, payload []byte) ([]byte, error) {
	s.counters.add("active", 1)
	var after <-chan time.Time
	if number, err := strconv.Atoi(string(payload)); err == nil {
		after = time.After(milliseconds(number))
	}
	select {
	case <-after:
		s.counters.add("active", -1)
		return []byte("slept"), nil
	case <-ctx.Done():
		// In this order: who sees the second looks at the first.
		s.counters.add("active", -1)
		s.counters.add("cancelled", 1)
		return nil, status.FromContextError(ctx.Err()).Err()
	}
}

// make gives a message of "SIZE".
func (s *Service) make(ctx context.Context, payload []byte) ([]byte, error) {
	size, err := strconv.Atoi(string(payload))
	return pattern(size), err
}

// stream counts a stream in and, when its caller left, out.
func (s *Service) stream(stream grpc.ServerStream) func() {
	s.began(stream.Context())
	s.counters.add("active", 1)
	return func() {
		s.counters.add("active", -1)
		if stream.Context().Err() != nil {
			s.counters.add("cancelled", 1)
		}
	}
}

// download sends "COUNT SIZE": so many messages of that size; with a third word it ends with that code.
func download(s interface{}, stream grpc.ServerStream) error {
	service := s.(*Service)
	defer service.stream(stream)()
	var payload []byte
	if err := stream.RecvMsg(&payload); err != nil {
		return err
	}
	var count, size, code int
	fmt.Sscan(string(payload), &count, &size, &code)
	message := pattern(size)
	for i := 0; i < count; i++ {
		if err := stream.SendMsg(&message); err != nil {
			return err
		}
		service.counters.add("sent", size)
	}
	if code != 0 {
		stream.SetTrailer(metadata.Pairs("sent", strconv.Itoa(count)))
		return status.Error(codes.Code(code), "enough")
	}
	return nil
}

// upload answers "COUNT BYTES" of what it got. In the metadata, "pause" makes it wait so many milliseconds after the first
// message, and "refuse" fail with that code after it.
func upload(s interface{}, stream grpc.ServerStream) error {
	service := s.(*Service)
	defer service.stream(stream)()
	count, size := 0, 0
	for {
		var payload []byte
		err := stream.RecvMsg(&payload)
		if err == io.EOF {
			answer := []byte(fmt.Sprintf("%d %d", count, size))
			return stream.SendMsg(&answer)
		}
		if err != nil {
			return err
		}
		count, size = count+1, size+len(payload)
		service.counters.add("received", len(payload))
		if md, _ := metadata.FromIncomingContext(stream.Context()); count == 1 {
			if len(md["pause"]) == 1 {
				pause, _ := strconv.Atoi(md["pause"][0])
				time.Sleep(milliseconds(pause))
			}
			if len(md["refuse"]) == 1 {
				code, _ := strconv.Atoi(md["refuse"][0])
				return status.Error(codes.Code(code), "enough")
			}
		}
	}
}

// chat gives every message back as it comes.
func chat(s interface{}, stream grpc.ServerStream) error {
	defer s.(*Service).stream(stream)()
	for {
		var payload []byte
		if err := stream.RecvMsg(&payload); err == io.EOF {
			return nil
		} else if err != nil {
			return err
		}
		if err := stream.SendMsg(&payload); err != nil {
			return err
		}
	}
}

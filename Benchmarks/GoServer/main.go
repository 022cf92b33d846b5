// SPDX-License-Identifier: Apache-2.0

// A bare grpc-go server of the NSM API: it decodes a Request and encodes its Connection as the answer, and does nothing between.
// What another language's gRPC costs is measured with it.
package main

import (
	"context"
	"log"
	"net"
	"os"

	"github.com/golang/protobuf/ptypes/empty"
	"google.golang.org/grpc"

	"nsm/connection"
	"nsm/networkservice"
)

type server struct{}

func (server) Request(_ context.Context, request *networkservice.NetworkServiceRequest) (*connection.Connection, error) {
	return request.Connection, nil
}

func (server) Close(context.Context, *connection.Connection) (*empty.Empty, error) {
	return &empty.Empty{}, nil
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: goserver PORT")
	}
	listener, err := net.Listen("tcp", "127.0.0.1:"+os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	service := grpc.NewServer(grpc.MaxConcurrentStreams(1000))
	networkservice.RegisterNetworkServiceServer(service, server{})
	log.Print("ready")
	log.Fatal(service.Serve(listener))
}

// SPDX-License-Identifier: Apache-2.0
// The life of a grpc-go server: every server it makes accepts from a duplicate of one listening socket, so that one can follow another
// without a moment in which nobody listens.

package main

import (
	"fmt"
	"net"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/keepalive"
)

func milliseconds(number int) time.Duration { return time.Duration(number) * time.Millisecond }

// Listener counts what it accepts.
type Listener struct {
	net.Listener
	counters *Counters
}

func (l Listener) Accept() (net.Conn, error) {
	conn, err := l.Listener.Accept()
	if err == nil {
		l.counters.add("accepted", 1)
	}
	return conn, err
}

// Counters are what a server has seen.
type Counters struct {
	lock   sync.Mutex
	counts map[string]int
	peers  map[string]bool
}

func (c *Counters) add(name string, number int) {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.counts[name] += number
}

func (c *Counters) all() map[string]int {
	c.lock.Lock()
	defer c.lock.Unlock()
	all := map[string]int{"connections": len(c.peers)}
	for name, count := range c.counts {
		all[name] = count
	}
	return all
}

func serve(settings Settings) {
	counters := &Counters{counts: map[string]int{}, peers: map[string]bool{}}
	base, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", settings.Port))
	if err != nil {
		fail(err)
	}
	listener := base.(*net.TCPListener)
	server := begin(settings, listener, counters)
	write(Answer{Port: listener.Addr().(*net.TCPAddr).Port})
	commands(func(command Command) {
		switch command.Command {
		case "counters":
			write(Answer{ID: command.ID, Counters: counters.all()})
		case "renew":
			old := server
			server = begin(settings, listener, counters)
			go end(old, command)
		case "drain":
			listener.Close()
			go end(server, command)
		default:
			write(Answer{ID: command.ID, Message: "unknown command"})
		}
	})
}

func begin(settings Settings, listener *net.TCPListener, counters *Counters) *grpc.Server {
	options := []grpc.ServerOption{
		grpc.KeepaliveParams(keepalive.ServerParameters{
			MaxConnectionAge: milliseconds(settings.MaxConnectionAge),
			Time:             milliseconds(settings.Keepalive), Timeout: milliseconds(settings.KeepaliveTimeout),
		}),
	}
	if settings.KeepaliveMinTime > 0 {
		options = append(options, grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{
			MinTime: milliseconds(settings.KeepaliveMinTime), PermitWithoutStream: true}))
	}
	if settings.MaxConcurrentStreams > 0 {
		options = append(options, grpc.MaxConcurrentStreams(settings.MaxConcurrentStreams))
	}
	server := grpc.NewServer(options...)
	server.RegisterService(&service, &Service{counters})
	file, err := listener.File()
	if err != nil {
		fail(err)
	}
	own, err := net.FileListener(file)
	if err != nil {
		fail(err)
	}
	file.Close()
	go server.Serve(Listener{own, counters})
	return server
}

func end(server *grpc.Server, command Command) {
	began := time.Now()
	server.GracefulStop()
	write(Answer{ID: command.ID, Took: since(began)})
}

func since(began time.Time) float64 { return float64(time.Since(began)) / float64(time.Millisecond) }

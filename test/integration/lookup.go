// lookup NAME...: what Go's own resolver says, one line "NAME ADDRESS ADDRESS..." each, all names at once. Built without cgo.
package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strings"
	"sync"
)

func main() {
	resolver := net.Resolver{PreferGo: true}
	lines := make([]string, len(os.Args)-1)
	var running sync.WaitGroup
	for i, name := range os.Args[1:] {
		running.Add(1)
		go func(i int, name string) {
			defer running.Done()
			addresses, err := resolver.LookupHost(context.Background(), name)
			if e, ok := err.(*net.DNSError); ok && !e.IsNotFound {
				fmt.Fprintln(os.Stderr, name, err)
			}
			lines[i] = strings.Join(append([]string{name}, addresses...), " ")
		}(i, name)
	}
	running.Wait()
	fmt.Println(strings.Join(lines, "\n"))
}

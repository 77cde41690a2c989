package h1_test

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/specht-http/specht/h1"
	"github.com/specht-http/specht/loop"
	"github.com/specht-http/specht/message"
)

// serve runs an engine over TCP for each connection, and is the address.
func serve(t *testing.T, o h1.Options) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	service := h1.NewService(o)
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Add(1)
	go func() {
		defer wg.Done()
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			wg.Add(1)
			go func() {
				defer wg.Done()
				_ = loop.Run(ctx, conn, service.NewServer(conn.RemoteAddr()), loop.Options{})
			}()
		}
	}()
	t.Cleanup(func() { cancel(); listener.Close(); wg.Wait() })
	return "http://" + listener.Addr().String()
}

// What net/http's client sends is understood, and what is answered it
// understands.
func TestNetHTTPClient(t *testing.T) {
	workers := loop.NewWorkers(loop.WorkersOptions{})
	defer workers.Close(context.Background())
	handler := func(x message.Exchange) {
		var content []byte
		buffer := make([]byte, 1000)
		for {
			n, err := x.Read(buffer)
			content = append(content, buffer[:n]...)
			if err != nil {
				if err != message.ErrEnd {
					t.Errorf("Read: %v", err)
				}
				break
			}
		}
		fields := []message.Field{{Name: "X-Target", Value: string(x.Target())}}
		switch string(x.Target()) {
		case "/stream":
			_ = x.Start(message.StatusOK, fields, -1)
			for i := 0; i < len(content); i += 777 {
				if _, err := x.Write(content[i:min(i+777, len(content))]); err != nil {
					t.Errorf("Write: %v", err)
				}
			}
			_ = x.End()
		case "/304":
			_ = x.Respond(message.StatusNotModified, fields, nil)
		default:
			_ = x.Respond(message.StatusOK, fields, content)
		}
	}
	url := serve(t, h1.Options{Handler: message.HandlerFunc(handler), Executor: workers})
	client := &http.Client{Transport: &http.Transport{MaxConnsPerHost: 2}}
	defer client.CloseIdleConnections()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for k := range 20 {
				content := bytes.Repeat([]byte("octets "), (i*20+k)*100)
				target := []string{"/", "/stream", "/304", "/head"}[k%4]
				method := http.MethodPost
				if target == "/head" {
					method = http.MethodHead
				}
				var body io.Reader = bytes.NewReader(content)
				if k%2 == 0 {
					body = io.MultiReader(body) // of unknown length
				}
				request, _ := http.NewRequest(method, url+target, body)
				if k%3 == 0 {
					request.Header.Set("Expect", "100-continue")
				}
				response, err := client.Do(request)
				if err != nil {
					t.Error(err)
					return
				}
				got, err := io.ReadAll(response.Body)
				response.Body.Close()
				want := content
				if target == "/304" || target == "/head" {
					want = nil
				}
				if err != nil || !bytes.Equal(got, want) || response.Header.Get("X-Target") != target {
					t.Errorf("%s of %d octets: got %d, %v, %v", target, len(content), len(got), response.Header, err)
				}
			}
		}()
	}
	wg.Wait()
}

// A refusal arrives, though the client has sent much that nobody reads.
func TestRefusalArrives(t *testing.T) {
	o := h1.Options{ContentOctets: 10, Handler: message.Inline(message.HandlerFunc(func(x message.Exchange) {
		_ = x.Respond(message.StatusOK, nil, nil)
	}))}
	url := serve(t, o)
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = fmt.Fprintf(conn, "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 200000\r\n\r\n%s", make([]byte, 200000))
	got, err := io.ReadAll(conn)
	if err != nil || !bytes.HasPrefix(got, []byte("HTTP/1.1 413 ")) {
		t.Errorf("got %.40q, %v", got, err)
	}
}

//go:build !wasip1

package main

import (
	"bufio"
	"context"
	"flag"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// The scripts in testdata run this program as its users do. Beside what every
// script has there are the commands
//
//	serve ARGS…      starts specht serve, waits for its line, and sets URL
//	get TARGET       prints status and content to stdout, from URL
//	ask [-M METHOD] [-H FIELD]… TARGET
//	                 prints status, fields but Date, and content
//	stop             stops it, and its exit code is that of the command
//	hangup           has it read its certificate again, and waits for its line
//	certificate NAME CERT KEY
//	                 writes a certificate for NAME, and its key
//	shown            prints the name in the certificate of URL
//	speak OCTETS     sends octets to URL, and prints what comes back
//	code N ARGS…     runs specht, which must exit with N
//	occupy           listens on a port, whose address is ADDR
//	nethttp          serves by net/http, and sets URL
//	answer OCTETS    answers each connection by octets, and sets URL
//	start PROGRAM…   starts a server that prints its URL, and sets URL
//	nginx CONF       starts nginx, which must listen on the Unix socket nginx.s
var update = flag.Bool("update", false, "write the files that scripts compare with")

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"specht": main})
}

func TestScripts(t *testing.T) {
	environment := map[string]string{}
	for _, name := range []string{"GOCACHE", "GOMODCACHE", "GOFLAGS"} {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Skipf("scripts build what they generate, and there is no go command: %v", err)
		}
		environment[name] = strings.TrimSpace(string(out))
	}
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"serve":  startServe,
			"get":    getTarget,
			"ask":    askTarget,
			"stop":   stopServe,
			"hangup": hangUp,
			"speak":  speak,
			"shown":  showCertificate,

			"certificate": writeCertificate,
			"code":        runForCode,
			"occupy":      occupy,

			"nethttp": startNetHTTP,
			"answer":  startAnswering,
			"start":   startOther,
			"nginx":   startNginx,
		},
		Condition: func(name string) (bool, error) {
			return name == "poll" && runtime.GOOS == "linux", nil
		},
		Setup: func(env *testscript.Env) error {
			// A script may build what was generated, without a network.
			for name, value := range environment {
				env.Setenv(name, value)
			}
			env.Setenv("GOPROXY", "off")
			env.Setenv("GOWORK", "off")
			env.Values[serverKey{}] = new(serverProcess)
			return nil
		},
	})
}

// serverProcess is the specht serve of a script.
type serverProcess struct {
	cmd    *exec.Cmd
	output *bufio.Reader
}

type serverKey struct{}

func serverOf(ts *testscript.TestScript) *serverProcess {
	return ts.Value(serverKey{}).(*serverProcess)
}

// command is specht as a script finds it.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := filepath.Join(strings.Split(ts.Getenv("PATH"), string(os.PathListSeparator))[0], "specht")
	cmd := exec.Command(path, args...)
	cmd.Dir = ts.MkAbs(".")
	cmd.Env = append(os.Environ(), "GOMAXPROCS="+ts.Getenv("GOMAXPROCS"))
	return cmd
}

func startServe(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	s.cmd = command(ts, append([]string{"serve"}, args...))
	pipe, err := s.cmd.StdoutPipe()
	ts.Check(err)
	s.cmd.Stderr = errorsTo(ts, "serve.errors")
	ts.Check(s.cmd.Start())
	ts.Defer(func() {
		_ = s.cmd.Process.Kill() // it has ended already if the script stopped it
		_ = s.cmd.Wait()
	})
	s.output = bufio.NewReader(pipe)
	line, err := s.output.ReadString('\n')
	ts.Check(err)
	_, _ = io.WriteString(ts.Stdout(), line)
	for _, word := range strings.FieldsFunc(line, func(r rune) bool { return r == ' ' || r == '"' }) {
		if strings.HasPrefix(word, "http://127.0.0.1:") || strings.HasPrefix(word, "https://127.0.0.1:") {
			ts.Setenv("URL", strings.TrimSuffix(word, "/"))
			return
		}
	}
}

func getTarget(ts *testscript.TestScript, neg bool, args []string) {
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true, TLSClientConfig: trusting}}
	if path := ts.Getenv("SOCKET"); path != "" {
		client.Transport.(*http.Transport).DialContext = func(context.Context, string, string) (net.Conn, error) {
			return net.Dial("unix", filepath.Join(ts.MkAbs("."), path))
		}
	}
	response, err := client.Get(ts.Getenv("URL") + args[0])
	ts.Check(err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	ts.Check(err)
	_, _ = io.WriteString(ts.Stdout(), strconv.Itoa(response.StatusCode)+"\n"+string(content))
}

func askTarget(ts *testscript.TestScript, neg bool, args []string) {
	request, err := http.NewRequest(http.MethodGet, ts.Getenv("URL")+args[len(args)-1], nil)
	ts.Check(err)
	for ; len(args) > 2; args = args[2:] {
		if args[0] == "-M" {
			request.Method = args[1]
			continue
		}
		name, value, _ := strings.Cut(args[1], ": ")
		request.Header.Add(name, value)
	}
	response, err := http.DefaultTransport.RoundTrip(request)
	ts.Check(err)
	defer response.Body.Close()
	content, err := io.ReadAll(response.Body)
	ts.Check(err)
	response.Header.Del("Date")
	_, _ = io.WriteString(ts.Stdout(), strconv.Itoa(response.StatusCode)+"\n")
	ts.Check(response.Header.Write(ts.Stdout()))
	_, _ = io.WriteString(ts.Stdout(), "\n"+string(content))
	ts.Setenv("ETAG", response.Header.Get("Etag"))
}

func stopServe(ts *testscript.TestScript, neg bool, args []string) {
	s := serverOf(ts)
	ts.Check(s.cmd.Process.Signal(syscall.SIGTERM))
	rest, _ := io.ReadAll(s.output)
	_, _ = ts.Stdout().Write(rest)
	if err := s.cmd.Wait(); (err != nil) != neg {
		ts.Fatalf("serve ended with %v", err)
	}
}

func runForCode(ts *testscript.TestScript, neg bool, args []string) {
	cmd := command(ts, args[1:])
	cmd.Stdout, cmd.Stderr = ts.Stdout(), ts.Stderr()
	_ = cmd.Run() // the code says it
	if got := strconv.Itoa(cmd.ProcessState.ExitCode()); got != args[0] {
		ts.Fatalf("specht %s: exit code %s, want %s", strings.Join(args[1:], " "), got, args[0])
	}
}

func occupy(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("ADDR", l.Addr().String())
}

// startNetHTTP serves what get is tried on by net/http.
func startNetHTTP(ts *testscript.TestScript, neg bool, args []string) {
	mux := http.NewServeMux()
	mux.HandleFunc("/connections", func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.RemoteAddr) })
	mux.HandleFunc("/echo", func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	mux.HandleFunc("/asked", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Link", "</a>")
		w.WriteHeader(http.StatusEarlyHints)
		w.Header().Set("Trailer", "Sum")
		_, _ = io.WriteString(w, r.Method+" "+r.Host+" "+r.URL.String()+" "+r.Header.Get("A")+" "+r.UserAgent()+"\n")
		w.Header().Set("Sum", "12")
	})
	mux.HandleFunc("/once", func(w http.ResponseWriter, r *http.Request) { // then closes without saying so
		_, _ = io.WriteString(w, "once\n")
		_ = http.NewResponseController(w).Flush()
		c, _, _ := http.NewResponseController(w).Hijack()
		_, _ = io.WriteString(c, "0\r\n\r\n")
		c.Close()
	})
	mux.HandleFunc("/cut", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100")
		_, _ = io.WriteString(w, "half")
	})
	server := httptest.NewServer(mux)
	ts.Defer(server.Close)
	ts.Setenv("URL", server.URL)
}

// startAnswering answers whatever is sent by the same octets.
func startAnswering(ts *testscript.TestScript, neg bool, args []string) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Defer(func() { l.Close() })
	ts.Setenv("URL", "http://"+l.Addr().String())
	octets := strings.NewReplacer(`\r`, "\r", `\n`, "\n").Replace(args[0])
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = http.ReadRequest(bufio.NewReader(c))
			_, _ = io.WriteString(c, octets)
			c.Close()
		}
	}()
}

// startOther starts a server that says on its first line where it is.
func startOther(ts *testscript.TestScript, neg bool, args []string) {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = ts.MkAbs(".")
	pipe, err := cmd.StdoutPipe()
	ts.Check(err)
	ts.Check(cmd.Start())
	ts.Defer(func() { terminate(cmd) })
	line, err := bufio.NewReader(pipe).ReadString('\n')
	ts.Check(err)
	ts.Setenv("URL", strings.TrimSpace(line))
}

// startNginx starts nginx in the directory of the script.
func startNginx(ts *testscript.TestScript, neg bool, args []string) {
	dir := ts.MkAbs(".")
	cmd := exec.Command("nginx", "-p", dir, "-c", args[0], "-e", "stderr")
	cmd.Dir, cmd.Stderr = dir, errorsTo(ts, "nginx.errors")
	ts.Check(cmd.Start())
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	ts.Defer(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
		<-ended
	})
	for {
		c, err := net.Dial("unix", filepath.Join(dir, "nginx.s"))
		if err == nil {
			c.Close()
			return
		}
		select {
		case err := <-ended:
			ended <- err
			ts.Fatalf("nginx has ended: %v\n%s", err, ts.ReadFile("nginx.errors"))
		default:
			runtime.Gosched()
		}
	}
}

// errorsTo is a file of the script for what a server complains of, which it may
// do after the command that started it: a script's own writers are for commands.
func errorsTo(ts *testscript.TestScript, name string) *os.File {
	f, err := os.Create(ts.MkAbs(name))
	ts.Check(err)
	ts.Defer(func() { f.Close() })
	return f
}

// terminate ends a server that a script has started.
func terminate(cmd *exec.Cmd) {
	_ = cmd.Process.Signal(syscall.SIGTERM) // it may have ended
	_ = cmd.Wait()
}

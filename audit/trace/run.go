package trace

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"time"
)

// death is how a test ended that doesn't pass.
type death struct {
	test string // "TestRequests/Two_may_not"; empty if it isn't known
	how  string // fails, panics or hangs
}

// memoryKiB is what a test binary may map: a mutant may grow without end.
const memoryKiB = 16 << 20

// run runs tests of a package, all of them for none, up to the first that dies.
func (s *Scratch) run(c course, timeout time.Duration, env ...string) (*death, error) {
	bin, err := s.build(c.pkg)
	if err != nil {
		return nil, err
	}
	args := []string{"-test.failfast", "-test.v", "-test.timeout", timeout.String()}
	if len(c.tests) > 0 {
		args = append(args, "-test.run", "^("+strings.Join(c.tests, "|")+")$")
	}
	if skip := s.skip[c.pkg]; len(skip) > 0 {
		args = append(args, "-test.skip", "^("+strings.Join(skip, "|")+")$")
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout+20*time.Second)
	defer cancel()
	cmd := exec.CommandContext(ctx, bin, args...)
	if sh, err := exec.LookPath("sh"); err == nil {
		cmd = exec.CommandContext(ctx, sh, append([]string{"-c", fmt.Sprintf(`ulimit -v %d; exec "$0" "$@"`, memoryKiB), bin}, args...)...)
	}
	cmd.Dir = filepath.Join(s.dir, "tree", filepath.FromSlash(c.pkg))
	cmd.Env = append(os.Environ(), env...)
	cmd.WaitDelay = time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) && ctx.Err() == nil {
		return nil, err
	}
	if err == nil {
		return nil, nil
	}
	return readDeath(out.String()), nil
}

var (
	failed  = regexp.MustCompile(`(?m)^ *--- FAIL: (\S+)`)
	running = regexp.MustCompile(`(?m)^=== (?:RUN|CONT|NAME) +(\S+)`)
)

// readDeath finds out of the output of a test binary which test died: the innermost
// one that failed first, or whichever was running.
func readDeath(out string) *death {
	d := &death{how: "fails"}
	switch {
	case strings.Contains(out, "panic: test timed out"):
		d.how = "hangs"
	case strings.Contains(out, "\npanic: ") || strings.Contains(out, "\nfatal error: "):
		d.how = "panics"
	}
	for _, f := range failed.FindAllStringSubmatch(out, -1) {
		if d.test == "" || strings.HasPrefix(f[1], d.test+"/") {
			d.test = f[1]
		}
	}
	if all := running.FindAllStringSubmatch(out, -1); d.test == "" && len(all) > 0 {
		d.test = all[len(all)-1][1]
	}
	return d
}

// top is the function of a test.
func top(test string) string {
	name, _, _ := strings.Cut(test, "/")
	return name
}

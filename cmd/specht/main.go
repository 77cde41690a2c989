// Command specht serves a demonstration or files, explains octets, and generates
// machines: the front door of Specht.
//
//	specht serve                    a demonstration on http://127.0.0.1:8080, and on
//	                                https://127.0.0.1:8443
//	specht get URL…                 what a server answers
//	specht parse request.txt        what each octet of a request is, by which rule
//	specht gen -o DIR -package NAME machines for a module of your own
//	specht audit prove              what is proved of the specifications
//
// It exits with 0 if all went well, 1 if something failed, 2 if it was called
// in a wrong way, 3 if it could not connect, 4 if an audit left something undecided.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

// cli is the commands, as kong reads them.
type cli struct {
	Serve serveCommand `cmd:"" help:"Serve a demonstration application, or the files of a directory."`
	Get   getCommand   `cmd:"" help:"Fetch URLs."`
	Parse parseCommand `cmd:"" help:"Explain requests and responses octet by octet: offsets, rules and sections."`
	Gen   genCommand   `cmd:"" help:"Write machines into a package of your own, which then needs the standard library only."`
	Audit auditCommand `cmd:"" help:"Put questions to the specifications: proofs, comparisons, and what shows them."`
}

// console is what a command talks to.
type console struct {
	stdin          io.Reader
	stdout, stderr io.Writer
}

const description = `Specht speaks HTTP/1.1 and HTTP/2, clear and over TLS, by machines that are generated from specifications.

Long flags may have one hyphen or two. Exit codes: 0 all went well, 1 something failed, 2 wrong usage, 3 could not connect, 4 an audit left something undecided.`

func main() {
	os.Exit(run(os.Args[1:], &console{os.Stdin, os.Stdout, os.Stderr}))
}

// run is main, without the process around it.
func run(args []string, c *console) (code int) {
	var commands cli
	isHelped := false
	parser := kong.Must(&commands,
		kong.Name("specht"),
		kong.Description(description),
		kong.Writers(c.stdout, c.stderr),
		kong.Exit(func(int) { isHelped = true }),
		limitDefaults(),
		kong.ConfigureHelp(kong.HelpOptions{Compact: true}),
	)
	ctx, err := parser.Parse(doubled(args, longFlags(parser.Model)))
	switch {
	case isHelped: // kong goes on after it has helped
		return exitOK
	case err != nil:
		return c.report(&usageError{err.Error() + "; see specht --help, or specht COMMAND --help"})
	}
	return c.report(ctx.Run(c))
}

// report tells a failure, and is the exit code for it.
func (c *console) report(err error) (code int) {
	if err != nil && !errors.Is(err, errReported) && !errors.Is(err, errUndecided) {
		fmt.Fprintf(c.stderr, "specht: %v\n", err)
	}
	return exitCode(err)
}

// longFlags are the names of all flags of all commands.
func longFlags(model *kong.Application) (names []string) {
	nodes := append([]*kong.Node{model.Node}, model.Children...)
	for _, n := range nodes {
		for _, f := range n.Flags {
			names = append(names, f.Name)
		}
	}
	return names
}

// doubled gives long flags with one hyphen a second one: -package is as good as
// --package, which is how Go's own commands spell it.
func doubled(args, names []string) []string {
	out := slices.Clone(args)
	for i, arg := range out {
		if arg == "--" {
			break
		}
		name, _, _ := strings.Cut(strings.TrimPrefix(arg, "-"), "=")
		if len(name) > 1 && strings.HasPrefix(arg, "-") && slices.Contains(names, name) {
			out[i] = "-" + arg
		}
	}
	return out
}

package main

import (
	"bytes"
	"slices"
	"strings"

	"github.com/specht-http/specht/message"
)

// route is a path and what answers it.
type route struct {
	name    string   // its path; with a parameter at the end if that is in braces
	methods []string // nil for any
	serve   serveFunc
}

// serveFunc answers on a goroutine. An error is why the response couldn't be
// sent, or not to its end; or an inputError.
type serveFunc func(d *demo, x message.Exchange, in input) error

var (
	get       = []string{"GET", "HEAD"}
	post      = []string{"POST"}
	getOrPost = []string{"GET", "HEAD", "POST"}
)

// routes are all that there are, but for the root, which is answered inline.
var routes = []route{
	{"/", get, nil},
	{"/echo", post, echo},
	{"/status/{100..599}", get, status},
	{"/bytes/{n}", get, octets},
	{"/stream", get, stream},
	{"/events", get, events},
	{"/trailers", getOrPost, trailers},
	{"/headers", nil, fields},
	{"/connection", get, facts},
	{"/push", get, push},
	{"/slow", get, slow},
	{"/big", get, big},
	{"/stats", get, stats},
}

// routeNames are the names of all routes, for people.
func routeNames() string {
	var names []string
	for i := range routes {
		names = append(names, routes[i].name)
	}
	return strings.Join(names, ", ")
}

// findRoute is the route of a path, or nil, and the parameter in the path.
func findRoute(path []byte) (r *route, parameter string) {
	for i := range routes {
		fixed, _, hasParameter := strings.Cut(routes[i].name, "{")
		rest, ok := bytes.CutPrefix(path, []byte(fixed))
		if ok && (len(rest) == 0) == !hasParameter && !bytes.Contains(rest, []byte("/")) {
			return &routes[i], string(rest)
		}
	}
	return nil, ""
}

// allows says whether the route is for a method.
func (r *route) allows(method []byte) bool {
	return r.methods == nil || slices.Contains(r.methods, string(method))
}

package main

import (
	"slices"
	"strings"

	"github.com/specht-http/specht/message"
)

// originForm is a request-target as a server wants it (RFC 9112, Sections 3.2.1
// and 3.2.4).
func originForm(method message.Method, target string) string {
	_, rest, isAbsolute := strings.Cut(target, "://")
	if strings.HasPrefix(target, "/") || !isAbsolute {
		return target
	}
	i := strings.IndexAny(rest, "/?")
	switch {
	case i < 0 && method == message.MethodOptions: // of the server as a whole
		return "*"
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	}
	return rest[i:]
}

// forwarded are fields without those that concern one connection alone
// (RFC 9110, Section 7.6.1), and with Via. An offer to switch protocols is made
// anew.
func forwarded(fields message.Fields) (out []message.Field) {
	drop := hopByHop(fields)
	isUpgrade := slices.Contains(drop, "upgrade")
	for name, value := range fields.All() {
		lower := strings.ToLower(string(name))
		if lower == "upgrade" && isUpgrade || lower != "upgrade" && !slices.Contains(drop, lower) {
			out = append(out, message.Field{Name: string(name), Value: string(value)})
		}
	}
	return append(out, message.Field{Name: "Via", Value: "1.1 specht"})
}

// hopByHop are the names of fields that concern one connection alone, in lower
// case: those that always do, and those that the header section names in
// Connection.
func hopByHop(head message.Fields) []string {
	names := []string{"connection", "keep-alive", "proxy-connection", "te", "transfer-encoding", "content-length", "host"}
	for value := range head.Values("Connection") {
		for option := range strings.SplitSeq(strings.ToLower(string(value)), ",") {
			names = append(names, strings.TrimSpace(option))
		}
	}
	return names
}

// trailers are the fields of the trailer section behind a head to send, where
// there can be one, without those that concern one connection, and those that
// have no meaning there (RFC 9110, Section 6.5.1).
func trailers(head, fields message.Fields, contentLength int64) (out []message.Field) {
	drop := hopByHop(head)
	for i := range fields.Len() {
		if contentLength < 0 && !fields.ID(i).IsHeadOnly() && !slices.Contains(drop, strings.ToLower(string(fields.Name(i)))) {
			out = append(out, message.Field{Name: string(fields.Name(i)), Value: string(fields.Value(i))})
		}
	}
	return out
}

// Package bench compares servers over memory: what one request costs each of
// them, without a system call and without a switch of goroutines that the
// measuring made. Nothing of it is a part of Specht, and the module of its own
// keeps what the others need away from who uses Specht.
//
//	cd bench && go test -bench . -benchmem
//
// Each connection is a script: Read gives the octets of one request, then those
// of the next, and Write takes everything. The servers are driven as they drive
// themselves over a network:
//
//	Engine    h1.Server in the hands of the benchmark, as a driver would call it
//	Run       h1.Server under loop.Run
//	Fasthttp  fasthttp.Server.ServeConn
//	NetHTTP   http.Server.Serve
//
// Each answers 200, with Content-Type, Content-Length, Date and 13 octets.
package bench

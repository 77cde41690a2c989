// Package loop drives engines over flows. It owns buffers, clock, timers and
// goroutines, moves octets, and knows no protocol: an engine is what package
// engine says, a flow is what package flow says, and loop is between them.
//
// There are two drivers. They give the same turns to an engine, so the choice
// is one of cost:
//
//   - [Run] drives one engine over a blocking flow, on the calling goroutine;
//     a [Group] does so for every connection of its listeners. It works
//     wherever Go does, and an idle connection costs a goroutine.
//   - A [Loop] drives thousands of engines over polling flows on one
//     goroutine. An idle connection costs a few hundred octets: no goroutine
//     and no buffer. Descriptors are watched by the system's [Poller], and
//     flows that announce their own readiness work everywhere.
//
// Several Loops, on several processors, are used as one: [Loops].
//
// [Workers] is a pool of goroutines for work that may block, such as
// handlers, and [Pool] is one of buffers. Both can be shared by drivers.
//
// # Turns
//
// A driver holds a connection's lock while it calls the engine, and never
// while it calls the flow. After each turn it asks what the engine can use
// next. Octets are offered while NextRead is Read: all that are unconsumed,
// contiguously. What the engine left of an offer is offered again when there
// is more, or when the engine had stopped reading (Yield) and reads again.
// The end of the flow is told once everything before it has been offered.
//
// When writing has failed, reading goes on for as long as the engine wants:
// the peer's last words may have arrived. A failed read ends both.
//
// A Loop counts time in ms: an engine is told that its deadline has passed up to
// that much later, and never earlier.
//
// A panic of an engine is a bug and is not recovered here.
package loop

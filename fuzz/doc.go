// Package fuzz has the fuzz targets, one file for each law that they try to
// break, and nothing that anybody imports:
//
//	FuzzSplit         however the octets are cut, a reader finds the same
//	FuzzEngine        however a driver calls it, an engine keeps the contract,
//	                  and says the same to its peer
//	FuzzDifferential  net/http reads the same requests, but for the
//	                  differences that are listed with their sections
//	FuzzResponse      the same for responses
//	FuzzResponseSplit however responses are cut, the same is found, leniently too
//	FuzzFrame         the Framer of golang.org/x/net/http2 reads the same frames of
//	                  HTTP/2, but for the differences that are listed
//
// FuzzTranslation and FuzzFieldBlock are in h2, for they try what it doesn't export.
//
// TestHerd and TestHerdOfResponses compare mutants of good heads as these two
// do: a hundred thousand in every run of the tests, any number by
// SPECHT_HERD_CASES.
//
// The seeds of the targets come from the specifications: inputs that take every edge of
// every machine, and inputs that miss an accepted one by an octet. Run one with
//
//	go test -fuzz Split ./fuzz
package fuzz

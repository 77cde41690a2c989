module github.com/specht-http/specht/gen/oracle

go 1.26.0

require (
	github.com/pandatix/go-abnf v0.5.3
	github.com/specht-http/specht v0.0.0
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/yuin/goldmark v1.8.7 // indirect
)

replace github.com/specht-http/specht => ../..

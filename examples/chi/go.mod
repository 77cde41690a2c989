module example.com/chi

go 1.26.0

replace github.com/specht-http/specht => ../..

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/specht-http/specht v0.0.0-00010101000000-000000000000
)

require (
	github.com/dave/jennifer v1.7.1 // indirect
	github.com/yuin/goldmark v1.8.7 // indirect
	golang.org/x/net v0.62.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

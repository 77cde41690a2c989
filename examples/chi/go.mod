module example.com/chi

go 1.26.0

replace github.com/specht-http/specht => ../..

require (
	github.com/go-chi/chi/v5 v5.5.0
	github.com/specht-http/specht v0.0.0-00010101000000-000000000000
)

require golang.org/x/sys v0.49.0 // indirect

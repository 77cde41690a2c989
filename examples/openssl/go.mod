module example.com/openssl

go 1.26.0

replace github.com/specht-http/specht => ../..

require github.com/specht-http/specht v0.0.0-00010101000000-000000000000

require golang.org/x/sys v0.49.0 // indirect

module example.com/utls

go 1.26.0

replace github.com/specht-http/specht => ../..

require (
	github.com/bogdanfinn/utls v1.7.4-barnius
	github.com/specht-http/specht v0.0.0-00010101000000-000000000000
)

require (
	github.com/andybalholm/brotli v1.0.6 // indirect
	github.com/cloudflare/circl v1.5.0 // indirect
	github.com/klauspost/compress v1.17.4 // indirect
	golang.org/x/crypto v0.36.0 // indirect
	golang.org/x/sys v0.49.0 // indirect
)

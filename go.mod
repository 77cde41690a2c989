module github.com/specht-http/specht

go 1.26.0

module gwtop/tests/bench/vmparse

go 1.17

require github.com/VictoriaMetrics/VictoriaMetrics v1.79.5

require (
	github.com/VictoriaMetrics/metrics v1.18.1 // indirect
	github.com/VictoriaMetrics/metricsql v0.44.1 // indirect
	github.com/klauspost/compress v1.15.9 // indirect
	github.com/valyala/fastjson v1.6.3 // indirect
	github.com/valyala/fastrand v1.1.0 // indirect
	github.com/valyala/histogram v1.2.0 // indirect
	golang.org/x/sys v0.15.0 // indirect
)

// The module proxy no longer has this version; build.sh unpacks Debian's source of it here.
replace github.com/VictoriaMetrics/VictoriaMetrics => ./victoriametrics

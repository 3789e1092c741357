#!/bin/sh
# SPDX-License-Identifier: MIT
# Builds the peer of bench_parse: build.sh DIR leaves DIR/vmparse. VictoriaMetrics 1.79.5 comes as Debian's source package (installed, or
# downloaded with apt-get; nothing is installed), what it imports from the Go module proxy at the versions of go.mod.
# Says "skipped: why" and exits 0 when one of them can't be had.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
out=${1:?usage: build.sh DIR}
package=golang-github-victoriametrics-victoriametrics-dev
tree=usr/share/gocode/src/github.com/VictoriaMetrics/VictoriaMetrics

skip() {
    echo "skipped: $1"
    exit 0
}

[ -x "$out/vmparse" ] && [ "$out/vmparse" -nt "$here/main.go" ] && exit 0
go=$(command -v go || ls /usr/local/go/bin/go /usr/lib/go-*/bin/go 2>/dev/null | head -n 1) || true
[ -n "$go" ] || skip "no Go compiler (apt-get install golang-go)"
mkdir -p "$out"
if [ -d "/$tree" ]; then
    source=/$tree
else
    (cd "$out" && rm -f ./*.deb && apt-get download -q "$package" && dpkg-deb -x ./*.deb deb) >"$out/download.log" 2>&1 ||
        skip "$package can't be downloaded, see $out/download.log"
    source=$out/deb/$tree
fi
rm -rf "$out/victoriametrics"
mkdir "$out/victoriametrics"
cp -r "$source/lib" "$out/victoriametrics/"
printf 'module github.com/VictoriaMetrics/VictoriaMetrics\n\ngo 1.17\n' >"$out/victoriametrics/go.mod"
cp "$here/main.go" "$here/go.mod" "$here/go.sum" "$out/"
(cd "$out" && GOFLAGS=-mod=mod GO111MODULE=on "$go" build -o vmparse .) >"$out/build.log" 2>&1 ||
    skip "vmparse does not build (is the Go module proxy reachable?), see $out/build.log"

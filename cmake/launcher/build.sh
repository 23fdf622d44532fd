# Sourced by the launcher when the program is missing or its sources have changed: builds it in the cache folder.
# shellcheck shell=bash disable=SC2154

. "$root/cmake/launcher/packages.sh"

# run_quietly LOG COMMAND...: runs it quietly and says now and then how far ninja is.
run_quietly() {
  local log=$1 started=$SECONDS told=$SECONDS pid
  shift
  "$@" >"$log" 2>&1 9>&- &
  pid=$!
  trap 'kill "$pid" 2>/dev/null; exit 130' INT
  trap 'kill "$pid" 2>/dev/null; exit 143' TERM HUP
  while kill -0 "$pid" 2>/dev/null; do
    sleep 0.2
    if ((SECONDS - told >= 20)); then
      told=$SECONDS
      say "still compiling, $((SECONDS - started)) s, $(grep -oE '^\[[0-9]+/[0-9]+\]' "$log" | tail -n 1 || true)"
    fi
  done
  trap - INT TERM HUP
  wait "$pid"
}

build_program() {
  local started=$SECONDS problem
  problem=$(mkdir -p "$build" 2>&1) && [[ -w $build ]] || die "the cache folder cannot be written: ${problem:-$build}" \
    "set BUILDLAB_CACHE to a folder that can be written"
  # Of several starts at once one builds, the others wait.
  if command -v flock >/dev/null 2>&1; then
    exec 9>"$build/launcher.lock"
    if ! flock -n 9; then
      say "another start is building it; waiting"
      flock 9
    fi
    if up_to_date; then
      exec 9>&-
      return
    fi
  fi
  : >"$stamp.new" # its time is that of the sources as they are read now

  if [[ ! -e $build/build.ninja || "$(cat "$build/launcher.args" 2>/dev/null)" != "${BUILDLAB_CMAKE_ARGS:-}" ]]; then
    local missing
    missing=$(missing_build_packages)
    if [[ -n $missing ]]; then
      # Those that builds need come along: one question to the package manager, one wait.
      ! can_install || missing+=" $(missing_runtime_packages)"
      # shellcheck disable=SC2086  # one word a package
      install_packages "what Build Lab is compiled with is missing" $missing
    fi
    local tests=OFF type=Release extra
    read -ra extra <<<"${BUILDLAB_CMAKE_ARGS:-}"
    [[ $kind == build ]] || tests=ON type=Debug
    say "configuring (about 10 s)"
    if ! cmake -S "$root" -B "$build" -G Ninja -DCMAKE_BUILD_TYPE=$type -DBUILDLAB_TESTS=$tests \
      -DBUILDLAB_UNITY=ON -DBUILDLAB_EXAMPLES=OFF -DBUILDLAB_INSTALL=$tests -DCMAKE_RUNTIME_OUTPUT_DIRECTORY="$build/bin" \
      "${extra[@]}" >"$build/configure.log" 2>&1 9>&-; then
      grep -A 30 'CMake Error' "$build/configure.log" >&2 || tail -n 20 "$build/configure.log" >&2
      rm -f "$build/build.ninja"
      die "cmake could not configure Build Lab; all of it is in $build/configure.log"
    fi
    printf '%s' "${BUILDLAB_CMAKE_ARGS:-}" >"$build/launcher.args"
    if [[ $kind == build ]]; then
      say "compiling Build Lab, once (about 3 minutes on two cores, far less with a filled ccache)"
    else
      say "compiling Build Lab with its tests (about 4 minutes on two cores, far less with a filled ccache)"
    fi
  else
    say "sources have changed; compiling what depends on them"
  fi
  local target=buildlab_command
  [[ $kind == build ]] || target=all
  if ! run_quietly "$build/build.log" ninja -C "$build" "$target"; then
    grep -A 12 -m 1 -E '^FAILED|error:' "$build/build.log" >&2 || tail -n 20 "$build/build.log" >&2
    die "Build Lab could not be compiled; all of it is in $build/build.log"
  fi
  mv "$stamp.new" "$stamp"
  [[ ! -e "/proc/$$/fd/9" ]] || exec 9>&-
  say "ready to start ($((SECONDS - started)) s)"
}

# Sourced by the launcher: what building and running needs from the system, and how to get it.
# Uses say, die, root and cache of the launcher.
# shellcheck shell=bash disable=SC2154

# Debian's name of each thing that may be missing. Libraries are looked for by their headers, as the compiler sees
# them, so that what was installed by other means counts.
k_headers='
#if !__has_include(<fmt/core.h>)
missing libfmt-dev
#endif
#if !__has_include(<nlohmann/json.hpp>)
missing nlohmann-json3-dev
#endif
#if !__has_include(<tl/expected.hpp>)
missing libexpected-dev
#endif
#if !__has_include(<CLI/CLI.hpp>)
missing libcli11-dev
#endif
#if !__has_include(<archive.h>)
missing libarchive-dev
#endif
#if !__has_include(<openssl/evp.h>)
missing libssl-dev
#endif
#if !__has_include(<gtest/gtest.h>)
missing libgtest-dev
#endif
#if !__has_include(<gmock/gmock.h>)
missing libgmock-dev
#endif
#if __has_include(<boost/version.hpp>)
#include <boost/version.hpp>
#if BOOST_VERSION < 108100
missing boost
#endif
#else
missing boost
#endif
'

# Runs the probe above with the compiler found; prints Debian package names, "boost" standing for the newest one.
missing_libraries() {
  local compiler=${CXX:-c++}
  if ! have "${compiler%% *}"; then
    compiler=g++
    have g++ || {
      sed -n 's/^missing //p' <<<"$k_headers" | sort -u
      return
    }
  fi
  # shellcheck disable=SC2086  # CXX may hold arguments
  $compiler -std=c++20 -E -P -x c++ - <<<"$k_headers" 2>/dev/null | sed -n 's/^missing //p'
}

# at_least HAVE WANT
version_at_least() { [[ $(printf '%s\n%s\n' "$2" "$1" | sort -V | head -n 1) == "$2" ]]; }

missing_build_packages() {
  local compiler=${CXX:-c++}
  have "${compiler%% *}" || have g++ || echo g++
  local cmake_version
  cmake_version=$(cmake --version 2>/dev/null | sed -n '1s/.* //p') || true
  [[ -n $cmake_version ]] && version_at_least "$cmake_version" 3.25 || echo cmake
  have ninja || echo ninja-build
  if [[ $kind == test ]] && ! python3 -c 'import jsonschema, yaml' 2>/dev/null; then
    echo python3 python3-jsonschema python3-yaml
  fi
  # The end-to-end tests' images hold nothing else.
  [[ $kind != test ]] || [[ -x /bin/busybox || -x /usr/bin/busybox ]] || echo busybox-static
  # Makes their keys, and checks signatures as somebody without Build Lab would.
  [[ $kind != test ]] || have openssl || echo openssl
  # They also vary the clock, for which users may do without.
  [[ $kind != test ]] || compgen -G '/usr/lib/*/faketime/libfaketime*.so.1' >/dev/null || echo libfaketime
  missing_libraries
}

# Needed when builds run. The last two only for bases made locally and for cache_mode registry.
missing_runtime_packages() {
  have runc || echo runc
  have mmdebstrap || echo mmdebstrap
  have curl || have wget || echo curl
  [[ -n ${BUILDLAB_REGISTRY:-} ]] || have docker-registry || have registry || echo docker-registry
}

# Comfort and speed (libisal-dev inflates layers for comparing them): taken along when packages are installed anyway.
k_wanted_too=(ccache ca-certificates libisal-dev libfaketime)

os_field() { sed -n "s/^$1=//p" "${BUILDLAB_OS_RELEASE:-/etc/os-release}" 2>/dev/null | tr -d '"' | head -n 1; }

# Where the launcher installs by itself: as root on Debian >= 12 (testing and unstable state no version), Ubuntu >= 24.04.
can_install() {
  [[ $EUID -eq 0 ]] && have apt-get || return 1
  local id version
  id=$(os_field ID)
  version=$(os_field VERSION_ID)
  case $id in
    debian) [[ -z $version ]] || version_at_least "$version" 12 ;;
    ubuntu) [[ -n $version ]] && version_at_least "$version" 24.04 ;;
    *) return 1 ;;
  esac
}

boost_candidates() {
  apt-cache search --names-only '^libboost1\.[0-9]+-dev$' | cut -d ' ' -f 1 | sort -rV | while read -r package; do
    local version=${package#libboost}
    ! version_at_least "${version%-dev}" 1.81 || echo "$package"
  done
}

simulate() { apt-get install --simulate --no-remove --no-install-recommends "$@" >"$log" 2>&1; }

# Says what a package would push out, as apt-get tells it.
removals() {
  apt-get install --simulate --no-install-recommends "$@" 2>/dev/null | sed -n 's/^Remv \([^ ]*\).*/\1/p' | sort -u |
    paste -sd ' '
}

# choose_packages PACKAGE...: sets `chosen`, with the newest Boost that needs nothing removed. Fails when there is none.
choose_packages() {
  local wanted=() package boost_wanted=no
  for package in "$@"; do
    if [[ $package == boost ]]; then boost_wanted=yes; else wanted+=("$package"); fi
  done
  chosen=("${wanted[@]}")
  if [[ $boost_wanted == no ]]; then
    simulate "${chosen[@]}"
    return
  fi
  candidates=()
  for package in $(boost_candidates); do
    candidates+=("$package")
    chosen=("${wanted[@]}" "$package")
    ! simulate "${chosen[@]}" || return 0
  done
  return 1
}

refuse_packages() {
  local packages=("$@") package gone
  say "the packages that are needed cannot be installed as things stand: nothing was installed."
  if [[ ${#candidates[@]} -gt 0 ]]; then
    local others=()
    for package in "${packages[@]}"; do [[ $package == boost ]] || others+=("$package"); done
    say "The choices:"
    for package in "${candidates[@]}"; do
      gone=$(removals "${others[@]}" "$package")
      say "  apt-get install --no-install-recommends ${others[*]} $package"
      [[ -z $gone ]] || say "    this would remove: $gone"
    done
    say "  or put Boost >= 1.81 elsewhere and set BOOST_ROOT to it, and install the others"
    say "  or use a container or another machine for Build Lab"
  else
    gone=$(removals "${packages[@]/#boost/libboost-dev}")
    say "  apt-get install --no-install-recommends ${packages[*]/#boost/libboost-dev (>= 1.81)}"
    [[ -z $gone ]] || say "    this would remove: $gone"
    say "  apt-get said: $(grep -E '^(E:|W:| [a-z0-9.+-]+ :)' "$log" | head -n 3 | paste -sd ';' || true)"
  fi
  exit 99
}

# The one line to run where the launcher does not install by itself.
hint() {
  local packages=("$@")
  if have apt-get; then
    local id version
    id=$(os_field ID)
    version=$(os_field VERSION_ID)
    local line="${packages[*]/#boost/$(boost_candidates 2>/dev/null | head -n 1)}"
    [[ $EUID -eq 0 ]] && echo "apt-get install --no-remove --no-install-recommends $line" ||
      echo "sudo apt-get install --no-remove --no-install-recommends $line"
  elif have dnf; then
    echo "sudo dnf install gcc-c++ cmake ninja-build ccache boost-devel fmt-devel json-devel openssl-devel" \
      "libarchive-devel gtest-devel gmock-devel cli11-devel runc"
  elif have apk; then
    echo "apk add build-base linux-headers cmake samurai ccache boost-dev fmt-dev nlohmann-json openssl-dev" \
      "libarchive-dev gtest-dev runc util-linux"
  elif have pacman; then
    echo "sudo pacman -S --needed base-devel cmake ninja ccache boost fmt nlohmann-json openssl libarchive gtest cli11 runc"
  elif have zypper; then
    echo "sudo zypper install gcc-c++ cmake ninja ccache libboost_headers-devel fmt-devel nlohmann_json-devel" \
      "libopenssl-devel libarchive-devel gtest gmock runc"
  elif have brew; then
    echo "brew install cmake ninja ccache boost fmt nlohmann-json openssl libarchive googletest cli11"
  else
    echo "install with your system's package manager: a C++20 compiler, CMake >= 3.25, Ninja, Boost >= 1.81," \
      "OpenSSL 3, libarchive, fmt, nlohmann-json, GoogleTest, runc"
  fi
}

# The docker-registry package starts a service of its own; Build Lab only wants the program.
without_services() {
  local policy=/usr/sbin/policy-rc.d made=no
  if [[ ! -e $policy && -d /usr/sbin ]]; then
    printf '#!/bin/sh\nexit 101\n' >"$policy"
    chmod 755 "$policy"
    made=yes
    trap 'rm -f /usr/sbin/policy-rc.d' EXIT
  fi
  local status=0
  "$@" || status=$?
  if [[ $made == yes ]]; then
    rm -f "$policy"
    trap - EXIT
  fi
  return $status
}

# install_packages WHY PACKAGE...: returns when they are there; else tells what to do and exits 99.
install_packages() {
  local why=$1
  shift
  local started=$SECONDS
  if ! can_install; then
    say "$why, and this is not a system where build-lab installs packages by itself"
    say "(that is: as root, on Debian >= 12 or Ubuntu >= 24.04). Missing here: ${*/#boost/Boost >= 1.81}"
    say "Run this, then the same command again:"
    say "  $(hint "$@")"
    exit 99
  fi
  log=$(mktemp)
  local package extra=()
  for package in "${k_wanted_too[@]}"; do
    dpkg-query -W -f '${db:Status-Abbrev}' "$package" 2>/dev/null | grep -q '^ii' || extra+=("$package")
  done
  candidates=()
  say "$why; installing packages (about a minute): ${*/#boost/libboost1.*-dev}"
  export DEBIAN_FRONTEND=noninteractive
  if ! choose_packages "$@" "${extra[@]}"; then
    say "reading the package lists first (apt-get update)"
    if ! apt-get update >"$log" 2>&1; then
      say "apt-get update failed: $(grep -E '^[EW]:' "$log" | head -n 2 | paste -sd ' ' || true)"
    fi
    choose_packages "$@" "${extra[@]}" || refuse_packages "$@"
  fi
  if ! without_services apt-get install --yes --quiet --no-remove --no-install-recommends "${chosen[@]}" \
    >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    die "apt-get could not install: ${chosen[*]} (its last lines are above)"
  fi
  rm -f "$log"
  # A service that was not there before stays off.
  if [[ " ${chosen[*]} " == *" docker-registry "* && -d /run/systemd/system ]]; then
    systemctl --quiet disable docker-registry >/dev/null 2>&1 || true
  fi
  say "packages installed: ${chosen[*]} ($((SECONDS - started)) s)"
}

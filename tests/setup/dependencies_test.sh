#!/usr/bin/env bash
# Libraries that the system does not have: dependencies_test.sh SOURCE_ROOT. Nothing outside this machine is asked.
# shellcheck source=tests/setup/helpers.sh
. "$(dirname "$0")/helpers.sh"
mkdir -p "$work/project" "$work/www/fmtlib/fmt/archive/refs/tags"
cat >"$work/project/CMakeLists.txt" <<CMAKE
cmake_minimum_required(VERSION 3.25)
project(Consumer LANGUAGES CXX)
include($SOURCE/cmake/BuildLabDependencies.cmake)
foreach(target IN ITEMS fmt::fmt nlohmann_json::nlohmann_json tl::expected CLI11::CLI11 GTest::gtest GTest::gmock)
  if(NOT TARGET \${target})
    message(FATAL_ERROR "no \${target}")
  endif()
endforeach()
CMAKE
configure() { cmake -S "$work/project" -B "$work/case/build" -G Ninja "$@"; }
without() { local name; for name in "$@"; do echo "-DCMAKE_DISABLE_FIND_PACKAGE_$name=ON"; done; }
# CMake wraps its messages.
flat_says() { tr -s ' \n' ' ' <"$work/err" | grep -qF -- "$1" || bad "stderr does not say: $1"; }

begin "all of the system"
run 0 configure -DBUILDLAB_FETCH=OFF

begin "what is missing is told at once, with one line to run"
# shellcheck disable=SC2046
run 1 configure -DBUILDLAB_FETCH_MIRROR=http://127.0.0.1:9 $(without fmt GTest Boost LibArchive)
flat_says "libraries that are not here: fmt >= 9, GoogleTest >= 1.12, Boost >= 1.81, libarchive >= 3.6."
says "http://127.0.0.1:9/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz"
if command -v apt-get >/dev/null; then
  flat_says "apt-get install --no-install-recommends libfmt-dev libgtest-dev libgmock-dev libboost"
fi
[ "$(grep -c 'CMake Error' "$work/err")" -eq 1 ] || bad "more than one error"

begin "nothing is fetched when that is switched off"
# shellcheck disable=SC2046
run 1 configure -DBUILDLAB_FETCH=OFF -DBUILDLAB_FETCH_MIRROR="file://$work/www" $(without fmt)
flat_says "not fetched, because BUILDLAB_FETCH is OFF"

begin "an archive with another hash is refused and not kept"
echo "not fmt" >"$work/www/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz"
# shellcheck disable=SC2046
run 1 configure -DBUILDLAB_FETCH_MIRROR="file://$work/www" $(without fmt)
flat_says "pinned is 5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2"
[ -z "$(find "$work/case/build/_deps" -name '*9.1.0*')" ] || bad "it was kept"

begin "an archive with the pinned hash is used"
# The module with another pin, for an archive that can be made here.
mkdir -p "$work/fmt-9.1.0" "$work/other/cmake"
cat >"$work/fmt-9.1.0/CMakeLists.txt" <<'CMAKE'
add_library(fmt INTERFACE)
add_library(fmt::fmt ALIAS fmt)
if(NOT DEFINED FMT_TEST OR FMT_TEST)
  message(FATAL_ERROR "options do not arrive")
endif()
CMAKE
tar -czf "$work/www/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz" -C "$work" fmt-9.1.0
hash=$(sha256sum "$work/www/fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz" | cut -d ' ' -f 1)
sed "s/5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2/$hash/" \
  "$SOURCE/cmake/BuildLabDependencies.cmake" >"$work/other/cmake/BuildLabDependencies.cmake"
sed -i "s|$SOURCE/cmake|$work/other/cmake|" "$work/project/CMakeLists.txt"
# shellcheck disable=SC2046
run 0 configure -DBUILDLAB_FETCH_MIRROR="file://$work/www" $(without fmt)
rm -r "$work/www"
# shellcheck disable=SC2046
run 0 configure -DBUILDLAB_FETCH_MIRROR="file://$work/www" $(without fmt)

if [ -e /usr/src/googletest/CMakeLists.txt ]; then
  begin "a source folder given for a library is taken"
  # shellcheck disable=SC2046
  run 0 configure -DFETCHCONTENT_SOURCE_DIR_GOOGLETEST=/usr/src/googletest $(without GTest)
fi

end_of_tests

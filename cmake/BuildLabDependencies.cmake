# Libraries from outside. Each is looked for on the system first (find_package). The small ones that are not there
# are fetched as release archives, pinned by SHA-256; Boost, OpenSSL and libarchive come from the system only.
# Where neither answers, configuring stops once, with one line to run for all that is missing. CMake itself never
# runs a package manager.
#
#   BUILDLAB_FETCH          OFF: fetch nothing, for machines and packagers that want the system's libraries only
#   BUILDLAB_FETCH_MIRROR   a server with the layout of https://github.com, in place of it
include(FetchContent)

option(BUILDLAB_FETCH "Fetch small libraries that the system does not have" ON)
set(BUILDLAB_FETCH_MIRROR "https://github.com" CACHE STRING "Where archives of small libraries are fetched from")
mark_as_advanced(BUILDLAB_FETCH BUILDLAB_FETCH_MIRROR)

set_property(GLOBAL PROPERTY _BUILDLAB_MISSING "")
set_property(GLOBAL PROPERTY _BUILDLAB_FETCH_ERRORS "")

# Says that a library is not there, under the name that each system's packages give it.
function(_buildlab_missing what)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "ERROR" "PACKAGES")
  set_property(GLOBAL APPEND PROPERTY _BUILDLAB_MISSING "${what}")
  set_property(GLOBAL APPEND PROPERTY _BUILDLAB_MISSING_PACKAGES ${arg_PACKAGES})
  if(arg_ERROR)
    set_property(GLOBAL APPEND PROPERTY _BUILDLAB_FETCH_ERRORS "${what}: ${arg_ERROR}")
  endif()
endfunction()

# _buildlab_fetch(NAME PATH SHA256 hash PACKAGES ... [OPTIONS name=value...])
#
# Declares and makes available the content NAME from PATH below the mirror. The archive is downloaded here, not by
# FetchContent, because a download that fails there ends in a page of messages without the line to run.
# A source folder given by FETCHCONTENT_SOURCE_DIR_<NAME> is taken as it is.
macro(_buildlab_fetch name path)
  cmake_parse_arguments(_fetch "" "SHA256;WHAT" "PACKAGES;OPTIONS" ${ARGN})
  string(TOUPPER "${name}" _fetch_upper)
  set(_fetch_problem "")
  set(_fetch_source "")
  if(NOT FETCHCONTENT_SOURCE_DIR_${_fetch_upper})
    if(NOT BUILDLAB_FETCH)
      set(_fetch_problem "not fetched, because BUILDLAB_FETCH is OFF")
    else()
      get_filename_component(_fetch_file "${path}" NAME)
      set(_fetch_archive "${CMAKE_BINARY_DIR}/_deps/buildlab-archives/${name}-${_fetch_file}")
      set(_fetch_seen "")
      if(EXISTS "${_fetch_archive}")
        file(SHA256 "${_fetch_archive}" _fetch_seen)
      endif()
      if(NOT _fetch_seen STREQUAL _fetch_SHA256)
        message(STATUS "Fetching ${_fetch_WHAT} (not on this system)")
        file(DOWNLOAD "${BUILDLAB_FETCH_MIRROR}/${path}" "${_fetch_archive}"
          STATUS _fetch_status TIMEOUT 60 INACTIVITY_TIMEOUT 10)
        list(GET _fetch_status 0 _fetch_code)
        list(GET _fetch_status 1 _fetch_text)
        if(NOT _fetch_code EQUAL 0)
          set(_fetch_problem "${BUILDLAB_FETCH_MIRROR}/${path}: ${_fetch_text}")
          file(REMOVE "${_fetch_archive}")
        else()
          file(SHA256 "${_fetch_archive}" _fetch_seen)
          if(NOT _fetch_seen STREQUAL _fetch_SHA256)
            set(_fetch_problem "${BUILDLAB_FETCH_MIRROR}/${path} has SHA-256 ${_fetch_seen}, pinned is ${_fetch_SHA256}")
            file(REMOVE "${_fetch_archive}")
          endif()
        endif()
      endif()
      set(_fetch_source URL "${_fetch_archive}" URL_HASH SHA256=${_fetch_SHA256} DOWNLOAD_EXTRACT_TIMESTAMP FALSE)
    endif()
  endif()
  if(_fetch_problem)
    _buildlab_missing("${_fetch_WHAT}" ERROR "${_fetch_problem}" PACKAGES ${_fetch_PACKAGES})
  else()
    foreach(_fetch_option IN LISTS _fetch_OPTIONS)
      string(REGEX MATCH "^([^=]+)=(.*)$" _fetch_match "${_fetch_option}")
      set(${CMAKE_MATCH_1} "${CMAKE_MATCH_2}")
    endforeach()
    FetchContent_Declare(${name} SYSTEM ${_fetch_source})
    FetchContent_MakeAvailable(${name})
  endif()
endmacro()

# Where Build Lab is a part of another project, that project's own targets link these through BuildLab::gates.
set(CMAKE_FIND_PACKAGE_TARGETS_GLOBAL TRUE)

# A fetched project's option() must take the value set above, and its tests must stay out of ours.
set(CMAKE_POLICY_DEFAULT_CMP0077 NEW)

# ---- Small libraries ------------------------------------------------------------------------------------------
# Hashes: each is stated for the same file in at least three public repositories that do not copy each other
# (Bazel WORKSPACE files, xmake and Arch-like package recipes, CMake projects).

if(NOT TARGET fmt::fmt)
  find_package(fmt 9 CONFIG QUIET)
endif()
if(NOT TARGET fmt::fmt)
  _buildlab_fetch(fmt fmtlib/fmt/archive/refs/tags/9.1.0.tar.gz WHAT "fmt >= 9"
    SHA256 5dea48d1fcddc3ec571ce2058e13910a0d4a6bab4cc09a809d8b1dd1c88ae6f2
    PACKAGES apt=libfmt-dev dnf=fmt-devel apk=fmt-dev pacman=fmt
    OPTIONS FMT_INSTALL=${BUILDLAB_INSTALL} FMT_DOC=OFF FMT_TEST=OFF)
endif()

if(NOT TARGET nlohmann_json::nlohmann_json)
  find_package(nlohmann_json 3.11 CONFIG QUIET)
endif()
if(NOT TARGET nlohmann_json::nlohmann_json)
  _buildlab_fetch(nlohmann_json nlohmann/json/releases/download/v3.11.3/json.tar.xz WHAT "nlohmann-json >= 3.11"
    SHA256 d6c65aca6b1ed68e7a182f4757257b107ae403032760ed6ef121c9d55e81757d
    PACKAGES apt=nlohmann-json3-dev dnf=json-devel apk=nlohmann-json pacman=nlohmann-json
    OPTIONS JSON_Install=${BUILDLAB_INSTALL} JSON_BuildTests=OFF)
endif()

if(NOT TARGET tl::expected)
  find_package(tl-expected 1.0 CONFIG QUIET)
endif()
if(NOT TARGET tl::expected)
  _buildlab_fetch(tl-expected TartanLlama/expected/archive/refs/tags/v1.1.0.tar.gz WHAT "tl-expected >= 1.0"
    SHA256 1db357f46dd2b24447156aaf970c4c40a793ef12a8a9c2ad9e096d9801368df6
    PACKAGES apt=libexpected-dev dnf=expected-devel apk=tl-expected pacman=tl-expected
    OPTIONS EXPECTED_BUILD_TESTS=OFF EXPECTED_BUILD_PACKAGE=OFF)
endif()

if(NOT TARGET CLI11::CLI11)
  find_package(CLI11 2.1 CONFIG QUIET)
endif()
if(NOT TARGET CLI11::CLI11)
  _buildlab_fetch(cli11 CLIUtils/CLI11/archive/refs/tags/v2.3.2.tar.gz WHAT "CLI11 >= 2.1"
    SHA256 aac0ab42108131ac5d3344a9db0fdf25c4db652296641955720a4fbe52334e22
    PACKAGES apt=libcli11-dev dnf=cli11-devel apk=cli11 pacman=cli11
    OPTIONS CLI11_BUILD_TESTS=OFF CLI11_BUILD_EXAMPLES=OFF CLI11_BUILD_DOCS=OFF CLI11_INSTALL=${BUILDLAB_INSTALL})
endif()

if(NOT TARGET GTest::gtest OR NOT TARGET GTest::gmock)
  find_package(GTest 1.12 CONFIG QUIET)
endif()
if(NOT TARGET GTest::gtest OR NOT TARGET GTest::gmock)
  _buildlab_fetch(googletest google/googletest/archive/refs/tags/v1.14.0.tar.gz WHAT "GoogleTest >= 1.12"
    SHA256 8ad598c73ad796e0d8280b082cebd82a630d73e73cd3c70057938a6501bba5d7
    PACKAGES apt=libgtest-dev apt=libgmock-dev dnf=gtest-devel dnf=gmock-devel apk=gtest-dev pacman=gtest
    OPTIONS INSTALL_GTEST=${BUILDLAB_INSTALL} BUILD_GMOCK=ON)
  foreach(library IN ITEMS gtest gtest_main gmock gmock_main)
    if(TARGET ${library} AND NOT TARGET GTest::${library})
      add_library(GTest::${library} ALIAS ${library})
    endif()
  endforeach()
endif()

# ---- Of the system only ---------------------------------------------------------------------------------------

# find_package states its own long error when it is REQUIRED; asked quietly, all that is missing is told at once.
find_package(Threads REQUIRED)
find_package(Boost 1.81 CONFIG QUIET)
if(NOT Boost_FOUND)
  # Debian 12 packages 1.74 under the plain name and 1.81 beside it; later systems' plain name is new enough.
  cmake_host_system_information(RESULT _buildlab_distribution QUERY DISTRIB_INFO)
  set(_buildlab_boost libboost-dev)
  if(_buildlab_distribution_ID STREQUAL "debian" AND _buildlab_distribution_VERSION_ID VERSION_EQUAL 12)
    set(_buildlab_boost libboost1.81-dev)
  endif()
  _buildlab_missing("Boost >= 1.81"
    PACKAGES apt=${_buildlab_boost} dnf=boost-devel apk=boost-dev pacman=boost)
endif()
find_package(OpenSSL 3.0 QUIET COMPONENTS Crypto)
if(NOT OpenSSL_FOUND AND NOT OPENSSL_FOUND)
  _buildlab_missing("OpenSSL >= 3.0" PACKAGES apt=libssl-dev dnf=openssl-devel apk=openssl-dev pacman=openssl)
endif()
find_package(LibArchive 3.6 QUIET)
if(NOT LibArchive_FOUND)
  _buildlab_missing("libarchive >= 3.6"
    PACKAGES apt=libarchive-dev dnf=libarchive-devel apk=libarchive-dev pacman=libarchive)
endif()

# Optional: inflates two to three times faster than zlib, which comparing images is bound by.
find_path(BUILDLAB_ISAL_INCLUDE isa-l/igzip_lib.h)
find_library(BUILDLAB_ISAL_LIBRARY isal)
mark_as_advanced(BUILDLAB_ISAL_INCLUDE BUILDLAB_ISAL_LIBRARY)

# ---- All at once ----------------------------------------------------------------------------------------------

get_property(_buildlab_missing GLOBAL PROPERTY _BUILDLAB_MISSING)
if(_buildlab_missing)
  get_property(_buildlab_packages GLOBAL PROPERTY _BUILDLAB_MISSING_PACKAGES)
  get_property(_buildlab_errors GLOBAL PROPERTY _BUILDLAB_FETCH_ERRORS)
  set(_buildlab_line "")
  foreach(_buildlab_manager IN ITEMS "apt=apt-get install --no-install-recommends" "dnf=dnf install"
      "apk=apk add" "pacman=pacman -S --needed")
    string(REGEX MATCH "^([a-z]+)=(.*)$" _buildlab_match "${_buildlab_manager}")
    set(_buildlab_key "${CMAKE_MATCH_1}")
    set(_buildlab_start "${CMAKE_MATCH_2}")
    string(REGEX MATCH "^[^ ]+" _buildlab_program "${_buildlab_start}")
    find_program(_buildlab_program_path "${_buildlab_program}" NO_CACHE)
    if(_buildlab_program_path AND _buildlab_line STREQUAL "")
      set(_buildlab_names ${_buildlab_packages})
      list(FILTER _buildlab_names INCLUDE REGEX "^${_buildlab_key}=")
      list(TRANSFORM _buildlab_names REPLACE "^${_buildlab_key}=" "")
      list(JOIN _buildlab_names " " _buildlab_names)
      set(_buildlab_line "${_buildlab_start} ${_buildlab_names}")
    endif()
    unset(_buildlab_program_path)
  endforeach()
  if(_buildlab_line STREQUAL "")
    set(_buildlab_line "(with your system's package manager, or set CMAKE_PREFIX_PATH to where they are)")
  endif()
  list(JOIN _buildlab_missing ", " _buildlab_missing)
  list(JOIN _buildlab_errors "\n  " _buildlab_errors)
  if(_buildlab_errors)
    set(_buildlab_errors "\nTried to fetch:\n  ${_buildlab_errors}")
  endif()
  message(FATAL_ERROR
    "Build Lab needs libraries that are not here: ${_buildlab_missing}.${_buildlab_errors}\n"
    "Install them (as root) and configure again:\n  ${_buildlab_line}\n")
endif()

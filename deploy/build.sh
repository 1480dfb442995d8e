#!/usr/bin/env bash
# Installs what is missing and builds the release preset: the programs in build/release/bin, with
# --tests the test programs too. Does nothing where all is up to date.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

case ${1:-} in
  '')
    deploy/packages.sh build run
    # A folder set up with the tests keeps them; they are just not built.
    [[ -e build/release/build.ninja ]] ||
      cmake --preset release -DSNAPLEDGER_BUILD_TESTS=OFF
    targets=(--target snapledger snap-emulator)
    ;;
  --tests)
    deploy/packages.sh build run test
    # Already set up with tests, the build itself notices what changed.
    if [[ ! -e build/release/build.ninja ]] ||
      grep -q '^SNAPLEDGER_BUILD_TESTS:BOOL=OFF' build/release/CMakeCache.txt; then
      cmake --preset release -DSNAPLEDGER_BUILD_TESTS=ON
    fi
    targets=()
    ;;
  *)
    echo "usage: deploy/build.sh [--tests]" >&2
    exit 2
    ;;
esac

echo "== build: build/release"
cmake --build --preset release --parallel "$(nproc)" "${targets[@]}"

#!/usr/bin/env bash
# Runs the tests: installs what is missing, builds, runs the suite, ends with ctest's summary and
# exits with its status. A second run installs and builds nothing.
#   --all            also the unit and database tests under the address and undefined-behaviour
#                    sanitizers, a minute of libFuzzer on each fuzz target, and lint (clang-tidy
#                    and shellcheck)
#   --database URL   the database and end-to-end tests alone, against that server: a role that may
#                    create databases
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."

usage() {
  echo "usage: tests/run.sh [--all] [--database URL]" >&2
  exit 2
}

all=false database=''
while [[ $# -gt 0 ]]; do
  case $1 in
    --all) all=true ;;
    --database)
      [[ $# -ge 2 && $2 == postgres* ]] || usage
      database=$2
      shift
      ;;
    *) usage ;;
  esac
  shift
done

say() { printf '\n== %s\n' "$*"; }

deploy/build.sh --tests

# The packages of the Node client, where its lock file is newer than what is installed.
readonly node_client=tests/clients/node
if [[ -e $node_client/package.json ]]; then
  if [[ $node_client/node_modules/.package-lock.json -nt $node_client/package.json ]]; then
    say "Node client: packages all there"
  else
    say "Node client: installing packages"
    if (cd "$node_client" && npm install --no-audit --no-fund --no-progress </dev/null); then
      touch "$node_client/node_modules/.package-lock.json"
    else
      echo "The packages could not be installed: the Node client's test will fail." >&2
    fi
  fi
fi

run_ctest() {
  local folder=$1
  shift
  ctest --test-dir "$folder" --parallel 2 --output-on-failure --no-tests=error "$@" </dev/null
}

status=0
if $all; then
  say "Sanitizers: building build/asan-ubsan"
  [[ -e build/asan-ubsan/build.ninja ]] || cmake --preset asan-ubsan
  cmake --build --preset asan-ubsan --parallel "$(nproc)"
  say "Sanitizers: unit and database tests"
  run_ctest build/asan-ubsan --label-regex '^(unit|db)$' || status=$?
  say "Fuzzing: building build/fuzz"
  deploy/packages.sh fuzz
  [[ -e build/fuzz/build.ninja ]] || cmake --preset fuzz
  cmake --build --preset fuzz --parallel "$(nproc)"
  say "Fuzzing: a minute each"
  tests/fuzz/run.sh 60 || status=$?
  say "Lint"
  deploy/packages.sh lint
  shellcheck deploy/*.sh tests/*.sh tests/{bench,fuzz,tidy}/*.sh .ci/run || status=$?
  tests/tidy/clang_tidy.sh || status=$?
else
  say "Left out: the tests under sanitizers, fuzzing, and lint (--all runs them)"
fi

if [[ -n $database ]]; then
  say "Database and end-to-end tests against the server given; left out: the others"
  SNAPLEDGER_TEST_DATABASE=$database run_ctest build/release --label-regex '^(db|e2e)$' || status=$?
else
  say "Tests, on a private PostgreSQL each (--database URL runs them against a server of yours)"
  run_ctest build/release || status=$?
fi
exit "$status"

#!/usr/bin/env bash
# Runs each libFuzzer program of build/fuzz for SECONDS (60), from the corpus in the tree; what it
# finds beyond that stays in build/fuzz/corpus. Ends with 1 where a promise was broken: the input is
# then in build/fuzz, and PROGRAM FILE shows it again.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

readonly seconds=${1:-60}
status=0
for corpus in tests/golden/fuzz/*; do
  target=${corpus##*/}
  mkdir -p "build/fuzz/corpus/$target"
  "build/fuzz/bin/${target}_fuzzer" -max_total_time="$seconds" -max_len=4096 \
    -dict="tests/fuzz/$target.dict" -artifact_prefix=build/fuzz/ -verbosity=0 \
    -print_final_stats=1 "build/fuzz/corpus/$target" "$corpus" || status=1
done
exit "$status"

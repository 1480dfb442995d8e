#!/usr/bin/env bash
# Runs clang-tidy, by .clang-tidy, over the .cc files given, or over all: a quarter of an hour and
# more. Uses build/tidy, where only the generated headers are made. Fails where it found anything.
#   tests/tidy/clang_tidy.sh [services/snap/encode.cc …]
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

command -v clang-tidy >/dev/null || {
  echo "clang-tidy is missing: apt-get install clang-tidy" >&2
  exit 2
}

cmake --preset tidy >/dev/null
# The headers protoc writes; nothing is compiled.
ninja -C build/tidy -t targets all | sed -n 's/: CUSTOM_COMMAND$//p' | grep '^proto/.*\.pb\.h$' |
  xargs ninja -C build/tidy --quiet

if [[ $# -gt 0 ]]; then
  files=("$@")
else
  mapfile -t files < <(git ls-files 'services/*.cc' 'storage/*.cc' 'tests/*.cc')
fi

echo "== clang-tidy: ${#files[@]} files"
printf '%s\0' "${files[@]}" |
  xargs -0 --max-args 1 --max-procs "$(nproc)" \
    clang-tidy --quiet -p build/tidy --extra-arg=-Wthread-safety

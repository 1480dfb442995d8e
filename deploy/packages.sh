#!/usr/bin/env bash
# Installs what is missing of the sets named (build, run, test, bench, fuzz, lint), which
# packages.txt lists. Touches nothing, not even the package index, where all is there.
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)

if [[ $# -eq 0 ]]; then
  echo "usage: deploy/packages.sh build|run|test|bench|fuzz|lint …" >&2
  exit 2
fi

is_installed() {
  local package=$1 command=$2
  local status
  status=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null) || true
  [[ $status == installed ]] || { [[ $command != - ]] && command -v "$command" >/dev/null; }
}

missing=()
while read -r set package command _; do
  [[ -z $set || $set == '#'* ]] && continue
  [[ " $* " == *" $set "* ]] || continue
  is_installed "$package" "$command" || missing+=("$package")
done <"$here/packages.txt"

if [[ ${#missing[@]} -eq 0 ]]; then
  echo "== packages: all there"
  exit 0
fi

as_root=()
if [[ $(id -u) -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "Missing packages: ${missing[*]}" >&2
    echo "Run this as root, or install sudo." >&2
    exit 1
  fi
  as_root=(sudo)
fi

# The database is embedded: the server's package shall not set up a cluster of its own beside it.
if [[ " ${missing[*]} " == *" postgresql-15 "* &&
  ! -e /etc/postgresql-common/createcluster.conf ]]; then
  "${as_root[@]}" mkdir -p /etc/postgresql-common/createcluster.d
  "${as_root[@]}" tee /etc/postgresql-common/createcluster.d/snapledger.conf >/dev/null \
    <<<'create_main_cluster = false'
fi

apt_get() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q \
    -o Acquire::Retries=3 -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 "$@" </dev/null
}

echo "== packages: installing ${missing[*]}"
apt_get update
apt_get install --yes --no-install-recommends "${missing[@]}"

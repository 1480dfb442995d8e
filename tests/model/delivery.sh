#!/usr/bin/env bash
# Checks the model of the delivery protocol with Spin: the protocol must hold, and each planted
# mistake must be found. Usage: tests/model/delivery.sh [WORK_FOLDER]
set -euo pipefail

model=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)/delivery.pml
work=${1:-$(mktemp -d)}
mkdir -p "$work"
cd -- "$work"
readonly model mistakes=6

# Explores the whole state space of the model with mistake $1 (0: none); prints Spin's report.
explore() {
  spin -DBUG="$1" -a "$model" >/dev/null
  gcc -w -O2 -DSAFETY -DVECTORSZ=2048 -o pan pan.c
  ./pan -m2000000 -w25
}

field() { sed -n "s/$1/\\1/p" report | head -1; }

failed=0
for ((mistake = 0; mistake <= mistakes; ++mistake)); do
  explore "$mistake" >report
  errors=$(field '.*errors: \([0-9]*\).*')
  states=$(field ' *\([0-9]*\) states, stored.*')
  complete=yes
  grep -q 'max search depth too small' report && complete=no
  if [[ $mistake -eq 0 ]]; then
    depth=$(field '.*depth reached \([0-9]*\),.*')
    echo "protocol: $errors errors, $states states, depth reached $depth"
    [[ $errors -eq 0 && $complete == yes ]] || failed=1
  else
    found=$(sed -n "s/^pan:[0-9]*: //p" report | head -1)
    echo "mistake $mistake: ${found:-NOT FOUND}"
    [[ $errors -gt 0 ]] || failed=1
  fi
done
exit "$failed"

#!/usr/bin/env bash
# Snapledger from nothing to delivered events: installs what is missing, builds, starts the service
# on an embedded database beside an emulator of Snap, records a sample of events and shows what
# became of them. Stays up until Ctrl-C; with --once it ends there, 0 where every sample event was
# delivered. What it keeps is in var/ and is used again by the next run.
set -euo pipefail

cd -- "$(dirname -- "${BASH_SOURCE[0]}")/.."
root=$PWD

readonly pixel=5d2f6e0c-8f0b-4c3e-9d57-2b9f4f6a1c70
readonly app=9a7b1c34-2f5e-4d0a-8c61-7e3d5b2f8a19
readonly ready_seconds_max=300 delivered_seconds_max=120 stop_seconds_max=60

once=false
case ${1:-} in
  '') ;;
  --once) once=true ;;
  *)
    echo "usage: deploy/run.sh [--once]" >&2
    exit 2
    ;;
esac

say() { printf '\n== %s\n' "$*"; }
fail() {
  printf 'deploy/run.sh: %s\n' "$*" >&2
  exit 1
}

# ---- What was started, and its end ---------------------------------------------------------------

service='' emulator='' scratch=''

# Asks for an orderly end, and ends what does not heed it.
stop() {
  local pid=$1 deadline=$((SECONDS + stop_seconds_max))
  [[ -n $pid ]] || return 0
  kill -TERM "$pid" 2>/dev/null || true
  while kill -0 "$pid" 2>/dev/null && ((SECONDS < deadline)); do sleep 0.1; done
  kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

clean_up() {
  trap '' INT TERM
  stop "$service"
  stop "$emulator"
  [[ -z $scratch ]] || rm -rf -- "$scratch"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

# Waits for a ready file of a process that must stay alive meanwhile.
wait_ready() {
  local file=$1 pid=$2 name=$3 log=$4 deadline=$((SECONDS + ready_seconds_max))
  until [[ -s $file ]]; do
    if ! kill -0 "$pid" 2>/dev/null; then
      tail -n 20 -- "$log" >&2
      fail "$name ended before it was ready; its log is $log"
    fi
    ((SECONDS < deadline)) || fail "$name was not ready within $ready_seconds_max s; see $log"
    sleep 0.1
  done
}

# One text member of a flat JSON object.
member() { sed -n "s/.*\"$2\" *: *\"\([^\"]*\)\".*/\1/p" "$1"; }

# The database's folder: below var/, unless the user PostgreSQL runs as cannot get there.
database_folder() {
  local as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups)
  if [[ $(id -u) -ne 0 ]] || "${as_server[@]}" test -x "$root"; then
    echo "$root/var/postgres"
  else
    echo "/var/lib/snapledger/run-$(cksum <<<"$root" | cut -d ' ' -f 1)/postgres"
  fi
}

is_free() { ! (exec 3<>"/dev/tcp/${1/://}") 2>/dev/null; }

# ---- Install and build ---------------------------------------------------------------------------

deploy/build.sh
readonly programs=$root/build/release/bin

# ---- Start ---------------------------------------------------------------------------------------

mkdir -p var/log
scratch=$(mktemp -d)
emulator_log=$root/var/log/emulator.log
service_log=$root/var/log/service.log

say "Snap emulator: starting"
"$programs/snap-emulator" --listen 127.0.0.1:0 --admin-listen 127.0.0.1:0 \
  --ca-out "$scratch/snap-ca.pem" --ready-file "$scratch/emulator.json" \
  </dev/null >"$emulator_log" 2>&1 &
emulator=$!
wait_ready "$scratch/emulator.json" "$emulator" "the emulator" "$emulator_log"
snap_url=$(member "$scratch/emulator.json" url)
echo "$snap_url, log in var/log/emulator.log"

# The usual addresses where they are free, so that the client commands need none.
listen=127.0.0.1:0 http_listen=127.0.0.1:0
if ! $once && is_free 127.0.0.1:50051 && is_free 127.0.0.1:9464; then
  listen=127.0.0.1:50051 http_listen=127.0.0.1:9464
fi
database=embedded:$(database_folder)

say "Snapledger: starting on $database"
"$programs/snapledger" serve --insecure --listen "$listen" --http-listen "$http_listen" \
  --database "$database" --snap-url "$snap_url" --snap-ca "$scratch/snap-ca.pem" \
  --snap-quality-url "$snap_url" --ready-file "$scratch/service.json" \
  </dev/null >"$service_log" 2>&1 &
service=$!
wait_ready "$scratch/service.json" "$service" "the service" "$service_log"
grpc=$(member "$scratch/service.json" grpc)
http=$(member "$scratch/service.json" http)
echo "gRPC on $grpc, HTTP on $http, log in var/log/service.log"

ledger() { "$programs/snapledger" "$@" --server "$grpc" --insecure; }

# ---- Destinations and events ---------------------------------------------------------------------

(umask 077 && od -An -N24 -tx1 /dev/urandom | tr -d ' \n' >"$scratch/token")

ensure_destination() {
  local id=$1 kind=$2 name=$3
  if ledger destination get "$id" >/dev/null 2>&1; then
    echo "$kind $id: there already"
  else
    ledger destination add "$id" --kind "$kind" --token-file "$scratch/token" \
      --display-name "$name" >/dev/null
    echo "$kind $id: added"
  fi
}

say "Destinations"
ensure_destination "$pixel" pixel "Sample shop"
ensure_destination "$app" app "Sample app"

# Fills @RUN@ with something new, @AGO_n@ with the time n seconds ago.
fill_in_sample() {
  local run=$1 now=$2 line
  while IFS= read -r line; do
    line=${line//@RUN@/$run}
    while [[ $line =~ @AGO_([0-9]+)@ ]]; do
      line=${line//"${BASH_REMATCH[0]}"/$(date -u -d "@$((now - BASH_REMATCH[1]))" +%FT%TZ)}
    done
    printf '%s\n' "$line"
  done <deploy/sample-events.jsonl
}

now=$(date +%s)
fill_in_sample "$(date -u -d "@$now" +%Y%m%dT%H%M%S)-$$" "$now" >"$scratch/events.jsonl"
grep -v ACTION_SOURCE_MOBILE_APP "$scratch/events.jsonl" >"$scratch/$pixel.jsonl"
grep ACTION_SOURCE_MOBILE_APP "$scratch/events.jsonl" >"$scratch/$app.jsonl"

recorded=true
for destination in "$pixel" "$app"; do
  say "Verdicts on the events for $destination"
  ledger events record --destination "$destination" "$scratch/$destination.jsonl" || recorded=false
done

# ---- Delivery ------------------------------------------------------------------------------------

is_delivered() {
  ledger events get --destination "$1" "$2" -o json 2>/dev/null |
    grep '"state": *"DELIVERY_STATE_DELIVERED"' >/dev/null
}

# Those not delivered yet, as "destination event", one a line.
waiting=$scratch/waiting
for destination in "$pixel" "$app"; do
  sed -n "s/.*\"eventId\":\"\([^\"]*\)\".*/$destination \1/p" "$scratch/$destination.jsonl"
done >"$waiting"
total=$(wc -l <"$waiting")

say "Delivery of the $total sample events"
deadline=$((SECONDS + delivered_seconds_max))
while [[ -s $waiting ]] && ((SECONDS < deadline)); do
  while read -r destination event; do
    is_delivered "$destination" "$event" || echo "$destination $event"
  done <"$waiting" >"$waiting.new"
  mv -- "$waiting.new" "$waiting"
  echo "delivered: $((total - $(wc -l <"$waiting"))) of $total"
  [[ ! -s $waiting ]] || sleep 0.5
done

say "How deliveries stand"
ledger report deliveries
for destination in "$pixel" "$app"; do
  say "How well the events of $destination can be matched"
  ledger report match-rate --destination "$destination"
done

if [[ -s $waiting ]]; then
  say "Not delivered within $delivered_seconds_max s"
  cat -- "$waiting"
fi
if $once; then
  [[ ! -s $waiting ]] && $recorded || exit 1
  say "Every sample event was delivered"
  exit 0
fi

cat <<END

== Up. Ctrl-C stops it; the ledger stays in $database
Talk to it:
  cd build/release/bin
  ./snapledger report deliveries --server $grpc --insecure
  ./snapledger events record --destination $pixel FILE --server $grpc --insecure
  ./snapledger --help
Metrics:  http://$http/metrics
What Snap counted:  $(member "$scratch/emulator.json" admin)/conversions
END
trap 'exit 0' INT TERM
wait "$service" || fail "the service ended by itself; its log is $service_log"

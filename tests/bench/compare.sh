#!/usr/bin/env bash
# Measures Snapledger and what people would otherwise use as an outbox on PostgreSQL on the same
# work: in turn, on one cluster, with the same payloads; prints medians of the ratios with their
# range. Single calls are compared with empty ones and with INSERTs of one row, committed over 32
# connections. Run nothing else beside it: processor time is the whole machine's.
#   --peers FOLDER    holds queue-peers.mjs and its package.json
#   --rounds N        5
#   --events N        100000 a measurement
#   --peer NAME       one peer only, repeatable; else all four
#   --database URL    a server of yours, by a role that may create databases and extensions;
#                     else a cluster made for this and removed
#   --bench FILE      build/release/bin/snapledger-bench
#   --out FILE        keeps every measurement, a JSON object a line
set -euo pipefail

here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
readonly here

usage() {
  sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p}' "${BASH_SOURCE[0]}" >&2
  exit 2
}

peers_folder='' rounds=5 events=100000 database='' out=''
bench=$here/../../build/release/bin/snapledger-bench
peers=()
while [[ $# -gt 0 ]]; do
  [[ $# -ge 2 ]] || usage
  case $1 in
    --peers) peers_folder=$2 ;;
    --rounds) rounds=$2 ;;
    --events) events=$2 ;;
    --peer) peers+=("$2") ;;
    --database) database=$2 ;;
    --bench) bench=$2 ;;
    --out) out=$2 ;;
    *) usage ;;
  esac
  shift 2
done
[[ -n $peers_folder && -e $peers_folder/queue-peers.mjs ]] || usage
[[ $rounds =~ ^[1-9][0-9]*$ && $events =~ ^[1-9][0-9]*00$ ]] || {
  echo "--rounds takes a number, --events hundreds" >&2
  exit 2
}
[[ -x $bench ]] || {
  echo "there is no $bench: cmake --build --preset release --target snapledger-bench" >&2
  exit 2
}
[[ ${#peers[@]} -gt 0 ]] || peers=(status-column graphile-worker pg-boss pgq)
for command in node npm; do
  command -v "$command" >/dev/null || {
    echo "$command is missing: deploy/packages.sh test" >&2
    exit 2
  }
done

bench=$(realpath "$bench")
if [[ -n $out ]]; then out=$(realpath "$out"); fi
work=$(mktemp -d)
readonly work
chmod 755 "$work"
cluster=''
clean_up() {
  if [[ -n $cluster ]]; then as_server pg_ctl -D "$cluster" -m fast -w stop >/dev/null || true; fi
  rm -rf "$work"
}
trap clean_up EXIT

readonly programs=/usr/lib/postgresql/15/bin
as_server() {
  if [[ $(id -u) -eq 0 ]]; then
    setpriv --reuid postgres --regid postgres --clear-groups "$programs/$1" "${@:2}"
  else
    "$programs/$1" "${@:2}"
  fi
}

# The settings of an embedded database (storage/cluster_directory.cc), the same for all; vacuum
# keeps PostgreSQL's own pace, since the tables of the peers change in place.
make_cluster() {
  install -d -m 700 "$work/server"
  if [[ $(id -u) -eq 0 ]]; then chown postgres:postgres "$work/server"; fi
  cd "$work/server"
  as_server initdb -D "$work/server/data" -U postgres -A trust --data-checksums \
    --wal-segsize=4 --no-instructions >/dev/null
  cat >>"$work/server/data/postgresql.conf" <<SETTINGS
listen_addresses = ''
unix_socket_directories = '$work/server'
max_connections = 100
shared_buffers = 256MB
wal_compression = lz4
max_wal_size = 4GB
autovacuum_naptime = 15s
jit = off
SETTINGS
  cluster=$work/server/data
  as_server pg_ctl -D "$cluster" -l "$work/server/log" -w start >/dev/null
  database="postgresql://postgres@${work//\//%2F}%2Fserver/postgres"
}

echo "== peers: installing packages" >&2
cp "$peers_folder"/package*.json "$peers_folder"/queue-peers.mjs "$work/"
(cd "$work" && npm install --no-audit --no-fund --no-progress --loglevel=error </dev/null >&2)

if [[ -z $database ]]; then
  echo "== cluster: making one" >&2
  make_cluster
fi
"$bench" ingest-batch --events 20000 --emit-payloads "$work/payloads.jsonl"

results=${out:-$work/results.jsonl}
: >"$results"

# Runs one measurement and keeps its JSON; says why where it cannot run.
measure() {
  local round=$1 name=$2
  shift 2
  echo "== round $round of $rounds: $name" >&2
  local line
  if line=$("$@" 2>"$work/error" </dev/null) && [[ -n $line ]]; then
    printf '{"round":%d,"name":"%s","result":%s}\n' "$round" "$name" "$line" >>"$results"
  else
    local why
    why=$(tr -cd '[:alnum:][:blank:]\n.,:;()/_=-' <"$work/error" | tr '\n\t' '  ' | cut -c -300)
    printf '{"round":%d,"name":"%s","failed":"%s"}\n' "$round" "$name" "${why:-no output}" \
      >>"$results"
    echo "   cannot run: ${why:-no output}" >&2
  fi
}

refuse() {
  echo "$1" >&2
  return 1
}
ours() { "$bench" "$@" --database "$database"; }
peer() {
  node "$work/queue-peers.mjs" --database "$(peer_url)" --peer "$1" --events "$events" \
    --payloads "$work/payloads.jsonl"
}
# INSERTs of one row, each committed, for five seconds. `plain`: the least that keeps an event, a
# key and its bytes; `outbox`: a key in text and the JSON as jsonb, as applications keep them.
inserts() {
  local table=single_row_$1 row
  case $1 in
    plain) row='event_id uuid primary key, payload text not null' ;;
    outbox)
      row='id bigint primary key generated by default as identity,
        event_id text not null unique, payload jsonb not null'
      ;;
  esac
  psql -qX "$(peer_url)" -c "drop table if exists $table" -c "create table $table ($row)"
  echo "insert into $table (event_id, payload) values (gen_random_uuid(), :payload)" \
    >"$work/insert.sql"
  "$programs/pgbench" -n -M prepared -c 32 -j 2 -T 5 -D payload="$(middle_payload)" \
    -f "$work/insert.sql" "$(peer_url)" >"$work/inserts"
  psql -qX "$(peer_url)" -c "drop table $table"
  sed -n 's/^tps = \([0-9.]*\).*/{"events_per_second": \1}/p' "$work/inserts"
}
# Neither the shortest nor the longest.
middle_payload() {
  awk '{ print length, $0 }' "$work/payloads.jsonl" | sort -n | sed -n 10000p | cut -d ' ' -f 2-
}
# The driver of Node takes a socket's folder as a parameter.
peer_url() {
  if [[ -n $cluster ]]; then
    echo "postgresql://postgres@/postgres?host=$work/server"
  else
    echo "$database"
  fi
}

for ((round = 1; round <= rounds; ++round)); do
  measure "$round" end-to-end ours end-to-end --events "$events"
  measure "$round" ingest-batch ours ingest-batch --events "$events"
  measure "$round" drain ours drain --events "$events" --events-per-call 50
  measure "$round" drain-of-ones ours drain --events "$((events * 3 / 10))" --events-per-call 1
  measure "$round" ingest-unary ours ingest-unary --noop --concurrency 256 \
    --events "$((events * 6 / 10))"
  measure "$round" inserts-plain inserts plain
  measure "$round" inserts-outbox inserts outbox
  for name in "${peers[@]}"; do
    if [[ $name == pg-boss && $(node -p 'parseInt(process.versions.node)') -lt 20 ]]; then
      measure "$round" "$name" refuse "needs Node 20 or newer, here is $(node --version)"
    else
      measure "$round" "$name" peer "$name"
    fi
  done
done
node "$here/medians.mjs" "$results"

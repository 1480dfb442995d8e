// Reads what compare.sh measured and prints, as Markdown, the medians of each measurement and the
// medians of the ratios within a round, with their ranges. A peer that could not run is named.
import { readFileSync } from "node:fs";

const text = readFileSync(process.argv[2], "utf8").trim();
const lines = text.split("\n").map((line) => JSON.parse(line));
const rounds = [...new Set(lines.map((line) => line.round))];
const names = [...new Set(lines.map((line) => line.name))];
const own = ["end-to-end", "ingest-batch", "drain", "drain-of-ones", "ingest-unary"];
const inserts = ["inserts-plain", "inserts-outbox"];
const peers = names.filter((name) => !own.includes(name) && !inserts.includes(name));

function resultOf(round, name) {
  return lines.find((line) => line.round === round && line.name === name)?.result;
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function shown(values, digits) {
  if (values.length === 0) return "could not run";
  const [low, middle, high] = [Math.min(...values), median(values), Math.max(...values)];
  return `${middle.toFixed(digits)} (${low.toFixed(digits)}-${high.toFixed(digits)})`;
}

function overRounds(name, value, digits) {
  const results = rounds.map((round) => resultOf(round, name)).filter(Boolean);
  return shown(results.map(value), digits);
}

function ratio(ourName, ourValue, peer, peerValue) {
  const values = rounds.flatMap((round) => {
    const [ours, theirs] = [resultOf(round, ourName), resultOf(round, peer)];
    return ours && theirs ? [ourValue(ours) / peerValue(theirs)] : [];
  });
  return shown(values, 2);
}

const print = (...cells) => console.log(`| ${cells.join(" | ")} |`);

console.log(`Medians of ${rounds.length} rounds, with their range.\n`);
print("", "events/s", "CPU µs per event, whole machine", "WAL bytes per event");
console.log("|---|---|---|---|");
for (const name of own) {
  print(
    name,
    overRounds(name, (r) => r.events_per_second, 0),
    overRounds(name, (r) => r.cpu_us_per_event_machine, 1),
    overRounds(name, (r) => r.wal_bytes_per_event, 0),
  );
}
for (const name of inserts) print(name, overRounds(name, (r) => r.events_per_second, 0), "", "");
for (const name of peers) {
  for (const phase of ["enqueue", "drain"]) {
    print(
      `${name}, ${phase}`,
      overRounds(name, (r) => r[phase].events_per_second, 0),
      overRounds(name, (r) => r[phase].cpu_us_per_event, 1),
      "",
    );
  }
}

console.log("");
print("Snapledger ÷ peer", ...peers);
console.log("|---|" + peers.map(() => "---|").join(""));
function printRatios(title, ourName, ourValue, peerValue) {
  print(title, ...peers.map((peer) => ratio(ourName, ourValue, peer, peerValue)));
}
const rate = (r) => r.events_per_second;
printRatios(
  "CPU, recorded and delivered ÷ enqueue + drain",
  "end-to-end",
  (r) => r.cpu_us_per_event_machine,
  (r) => r.enqueue.cpu_us_per_event + r.drain.cpu_us_per_event,
);
printRatios("rate of intake ÷ enqueue", "ingest-batch", rate, (r) => rate(r.enqueue));
printRatios("rate of drain ÷ drain, lots of 50", "drain", rate, (r) => rate(r.drain));
printRatios("rate of drain ÷ drain, lots of one", "drain-of-ones", rate, (r) => rate(r.drain));

console.log("");
print("single calls ÷", ...inserts, "empty calls");
console.log("|---|---|---|---|");
print(
  "rate",
  ...inserts.map((name) => ratio("ingest-unary", rate, name, rate)),
  ratio("ingest-unary", rate, "ingest-unary", (r) => r.noop_per_second),
);

const failures = new Map(lines.filter((line) => line.failed).map((line) => [line.name, line]));
for (const [name, line] of failures) console.log(`\n${name} could not run: ${line.failed}`);

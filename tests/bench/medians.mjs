// Reads what compare.sh measured and prints, as Markdown, the medians of each measurement and the
// medians of the ratios within a round, with their ranges. A peer that could not run is named.
import { readFileSync } from "node:fs";

const lines = readFileSync(process.argv[2], "utf8").trim().split("\n").map((line) => JSON.parse(line));
const rounds = [...new Set(lines.map((line) => line.round))];
const names = [...new Set(lines.map((line) => line.name))];
const own = ["end-to-end", "ingest-batch", "drain", "drain-of-ones"];
const peers = names.filter((name) => !own.includes(name));

const resultOf = (round, name) => lines.find((line) => line.round === round && line.name === name)?.result;
const median = (values) => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
};
const show = (values, digits) => values.length === 0 ? "could not run"
  : `${median(values).toFixed(digits)} (${Math.min(...values).toFixed(digits)}-${Math.max(...values).toFixed(digits)})`;
const overRounds = (name, value) => rounds.map((round) => resultOf(round, name)).filter(Boolean).map(value);
const ratios = (ourName, ourValue, peer, peerValue) => rounds.flatMap((round) => {
  const ours = resultOf(round, ourName), theirs = resultOf(round, peer);
  return ours && theirs ? [ourValue(ours) / peerValue(theirs)] : [];
});

console.log(`Medians of ${rounds.length} rounds, with their range.\n`);
console.log("| | events/s | CPU µs per event, whole machine | WAL bytes per event |\n|---|---|---|---|");
for (const name of own) {
  console.log(`| ${name} | ${show(overRounds(name, (r) => r.events_per_second), 0)} | ${
    show(overRounds(name, (r) => r.cpu_us_per_event_machine), 1)} | ${show(overRounds(name, (r) => r.wal_bytes_per_event), 0)} |`);
}
for (const name of peers) {
  for (const phase of ["enqueue", "drain"]) {
    console.log(`| ${name}, ${phase} | ${show(overRounds(name, (r) => r[phase].events_per_second), 0)} | ${
      show(overRounds(name, (r) => r[phase].cpu_us_per_event), 1)} | |`);
  }
}
console.log("\n| Snapledger ÷ peer | " + peers.join(" | ") + " |\n|---|" + peers.map(() => "---|").join(""));
const row = (title, ourName, ourValue, peerValue) =>
  console.log(`| ${title} | ${peers.map((peer) => show(ratios(ourName, ourValue, peer, peerValue), 2)).join(" | ")} |`);
row("CPU, recorded and delivered ÷ enqueue + drain", "end-to-end", (r) => r.cpu_us_per_event_machine,
  (r) => r.enqueue.cpu_us_per_event + r.drain.cpu_us_per_event);
row("rate of intake ÷ enqueue", "ingest-batch", (r) => r.events_per_second, (r) => r.enqueue.events_per_second);
row("rate of drain ÷ drain, lots of 50", "drain", (r) => r.events_per_second, (r) => r.drain.events_per_second);
row("rate of drain ÷ drain, lots of one", "drain-of-ones", (r) => r.events_per_second, (r) => r.drain.events_per_second);

const failures = new Map(lines.filter((line) => line.failed).map((line) => [line.name, line.failed]));
for (const [name, why] of failures) console.log(`\n${name} could not run: ${why}`);

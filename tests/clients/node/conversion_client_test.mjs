// What a caller in Node does: load the .proto files, record events, read verdicts, status, figures
// and match rates, and take an error apart.
//
// Environment:
//   SERVER       HOST:PORT of a service that runs with --insecure
//   DESTINATION  a pixel it knows
// Prints a line per check and exits with 1 at the first that fails.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import path from "node:path";
import { fileURLToPath } from "node:url";
import grpc from "@grpc/grpc-js";
import protoLoader from "@grpc/proto-loader";

const here = path.dirname(fileURLToPath(import.meta.url));
const protoRoot = process.env.PROTO_ROOT ?? path.resolve(here, "../../../proto");
const server = process.env.SERVER;
const destination = process.env.DESTINATION;
assert.ok(server, "SERVER is not set");
assert.ok(destination, "DESTINATION is not set");

const loaded = grpc.loadPackageDefinition(
  protoLoader.loadSync(
    [
      "snapledger/v1/conversion_service.proto",
      "snapledger/v1/admin_service.proto",
      "google/rpc/status.proto",
      "google/rpc/error_details.proto",
    ],
    { includeDirs: [protoRoot], keepCase: false, longs: Number, enums: String, defaults: true },
  ),
);
const v1 = loaded.snapledger.v1;
const credentials = grpc.credentials.createInsecure();
const conversions = new v1.ConversionService(server, credentials);
const admin = new v1.AdminService(server, credentials);

const callTimeMs = 20_000;

function call(client, method, request) {
  return new Promise((resolve, reject) => {
    const deadline = Date.now() + callTimeMs;
    client[method](request, { deadline }, (error, response) =>
      error ? reject(error) : resolve(response),
    );
  });
}

async function failureOf(client, method, request) {
  try {
    await call(client, method, request);
  } catch (error) {
    return error;
  }
  return assert.fail(`${method} did not fail`);
}

// A reader of the wire format, as much as google.rpc.Status needs: grpc-js hands its bytes over as
// they are.
function readFields(bytes) {
  const fields = [];
  let at = 0;
  const varint = () => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[at++];
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
  };
  while (at < bytes.length) {
    const tag = varint();
    if ((tag & 7) === 0) {
      fields.push({ number: tag >> 3, value: varint() });
    } else {
      assert.equal(tag & 7, 2, "google.rpc messages hold numbers and byte strings");
      const size = varint();
      fields.push({ number: tag >> 3, value: bytes.subarray(at, at + size) });
      at += size;
    }
  }
  return fields;
}

const textOf = (fields, number) =>
  fields.find((field) => field.number === number)?.value.toString("utf8") ?? "";
const allOf = (fields, number) =>
  fields.filter((field) => field.number === number).map((field) => readFields(field.value));

// The details of an error by the last part of their type, e.g. BadRequest.
function detailsOf(error) {
  const [bytes] = error.metadata.get("grpc-status-details-bin");
  assert.ok(bytes, "the error has no grpc-status-details-bin");
  assert.ok(bytes.length < 4096, "details stay below 4 KB");
  const details = new Map();
  for (const any of allOf(readFields(bytes), 3)) {
    const type = textOf(any, 1).split("google.rpc.").at(-1);
    details.set(type, readFields(any.find((field) => field.number === 2).value));
  }
  return details;
}

function reasonOf(error) {
  const info = detailsOf(error).get("ErrorInfo");
  assert.equal(textOf(info, 2), "snapledger");
  return textOf(info, 1);
}

const run = randomUUID();
const timestamp = { seconds: Math.floor(Date.now() / 1000), nanos: 0 };

function purchase(name) {
  return {
    eventId: `node-${run}-${name}`,
    standardEvent: "STANDARD_EVENT_PURCHASE",
    eventTime: timestamp,
    actionSource: "ACTION_SOURCE_WEB",
    eventSourceUrl: "https://shop.example/thanks",
    userData: { email: [{ raw: `${name}.${run}@example.org` }] },
    customData: { currency: "USD", value: "12.50", orderId: `${run}-${name}` },
    source: "node",
  };
}

async function recordsEvents() {
  const bad = { ...purchase("bad"), customData: { currency: "USD" } };
  const request = { destination, events: [purchase("a"), bad, purchase("b"), purchase("a")] };
  const { verdicts } = await call(conversions, "RecordEvents", request);
  assert.deepEqual(
    verdicts.map((verdict) => verdict.outcome),
    ["OUTCOME_ACCEPTED", "OUTCOME_REJECTED", "OUTCOME_ACCEPTED", "OUTCOME_DUPLICATE"],
  );
  assert.deepEqual(
    verdicts.map((verdict) => verdict.index),
    [0, 1, 2, 3],
  );
  assert.equal(verdicts[1].violations[0].field, "custom_data.value");
  assert.equal(verdicts[1].violations[0].reason, "REASON_REQUIRED");
}

async function repeatsAreDuplicates() {
  const other = { ...purchase("b"), customData: { currency: "USD", value: "99" } };
  const request = { destination, events: [purchase("a"), other] };
  const { verdicts } = await call(conversions, "RecordEvents", request);
  assert.deepEqual(
    verdicts.map((verdict) => verdict.outcome),
    ["OUTCOME_DUPLICATE", "OUTCOME_CONFLICT"],
  );
}

async function validatesWithoutRecording() {
  const request = { destination, events: [purchase("dry")] };
  const { events } = await call(conversions, "ValidateEvents", request);
  assert.equal(events[0].verdict.outcome, "OUTCOME_ACCEPTED");
  const snapEvent = JSON.parse(events[0].snapEventJson);
  assert.equal(snapEvent.event_name, "PURCHASE");
  assert.equal(snapEvent.custom_data.value, 12.5);
  assert.ok(!events[0].snapEventJson.includes("@example.org"), "the email is hashed");
  const error = await failureOf(conversions, "GetEvent", {
    destination,
    eventId: purchase("dry").eventId,
  });
  assert.equal(error.code, grpc.status.NOT_FOUND);
  assert.equal(reasonOf(error), "EVENT_NOT_FOUND");
}

async function readsTheStatusOfAnEvent() {
  const eventId = purchase("a").eventId;
  const { event } = await call(conversions, "GetEvent", { destination, eventId });
  assert.equal(event.eventId, eventId);
  assert.equal(event.eventName, "PURCHASE");
  assert.equal(event.orderId, `${run}-a`);
  assert.equal(event.source, "node");
  assert.deepEqual(event.identifiers, ["IDENTIFIER_KIND_EMAIL"]);
  assert.notEqual(event.state, "DELIVERY_STATE_UNSPECIFIED");
  assert.equal(event.transitions[0].toState, "DELIVERY_STATE_PENDING");
}

async function readsFigures() {
  const { destinations } = await call(conversions, "GetDeliveryStats", { destination });
  assert.equal(destinations.length, 1);
  const total = destinations[0].counts.reduce((sum, { count }) => sum + count, 0);
  assert.ok(total >= 2, `counts ${total} events`);
}

async function readsMatchRates() {
  const { rows } = await call(conversions, "GetMatchRates", {
    destination,
    sources: ["node"],
    groupBy: ["GROUPING_EVENT_NAME"],
  });
  const row = rows.find(({ eventName }) => eventName === "PURCHASE");
  assert.ok(row && row.eligible >= 2, "the recorded purchases are counted");
  const email = row.identifiers.find(({ kind }) => kind === "IDENTIFIER_KIND_EMAIL");
  assert.equal(email.usable.value, 1);
  assert.equal(email.usable.numerator, row.eligible);
  assert.equal(email.usable.status, "MEASURE_STATUS_EXACT");
}

async function takesABadRequestApart() {
  const error = await failureOf(conversions, "RecordEvents", { destination, events: [] });
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(reasonOf(error), "INVALID_REQUEST");
  const violations = allOf(detailsOf(error).get("BadRequest"), 1);
  assert.equal(textOf(violations[0], 1), "events");
  assert.notEqual(textOf(violations[0], 2), "");
}

async function learnsOfAnUnknownDestination() {
  const request = { destination: `none-${run}`, events: [purchase("a")] };
  const error = await failureOf(conversions, "RecordEvents", request);
  assert.equal(error.code, grpc.status.NOT_FOUND);
  assert.equal(reasonOf(error), "DESTINATION_NOT_FOUND");
  assert.equal(textOf(detailsOf(error).get("ResourceInfo"), 2), `none-${run}`);
}

async function pagesAreChecked() {
  const error = await failureOf(admin, "ListDestinations", { pageToken: "not-a-token" });
  assert.equal(error.code, grpc.status.INVALID_ARGUMENT);
  assert.equal(reasonOf(error), "INVALID_PAGE_TOKEN");
  const { destinations } = await call(admin, "ListDestinations", { pageSize: 1000 });
  assert.ok(destinations.some(({ destinationId }) => destinationId === destination));
}

async function laterCallsSayThatTheyAre() {
  const error = await failureOf(admin, "ListCallers", {});
  assert.equal(error.code, grpc.status.UNIMPLEMENTED);
  assert.equal(reasonOf(error), "NOT_SERVED_YET");
}

const checks = [
  recordsEvents,
  repeatsAreDuplicates,
  validatesWithoutRecording,
  readsTheStatusOfAnEvent,
  readsFigures,
  readsMatchRates,
  takesABadRequestApart,
  learnsOfAnUnknownDestination,
  pagesAreChecked,
  laterCallsSayThatTheyAre,
];
let exitCode = 0;
for (const check of checks) {
  try {
    await check();
    console.log(`ok      ${check.name}`);
  } catch (error) {
    console.error(`FAILED  ${check.name}\n${error.stack}`);
    exitCode = 1;
    break;
  }
}
conversions.close();
admin.close();
process.exitCode = exitCode;

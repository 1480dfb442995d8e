-- What somebody outside saw of matches: so many of so many events. Append-only.
create table match_observation (
  destination_number int not null references destination,
  observation_id uuid not null,
  record_time timestamptz not null default now(),
  window_start timestamptz not null,
  window_end timestamptz not null,
  matched bigint not null,
  total bigint not null,
  kinds int not null check (kinds between 0 and 32767),
  event_name text not null,
  source text not null,
  evidence text not null,
  evidence_sha256 bytea not null check (octet_length(evidence_sha256) in (0, 32)),
  -- The file's hash, or what stands for it where none was given.
  evidence_key bytea not null check (octet_length(evidence_key) = 32),
  recorded_by text not null,
  primary key (destination_number, observation_id),
  check (window_start < window_end),
  check (total > 0 and matched between 0 and total)
);
-- The same evidence counts once for the same window and scope.
create unique index match_observation_evidence on match_observation (destination_number,
  evidence_key, window_start, window_end, event_name, source, kinds);
create index match_observation_recorded on match_observation (destination_number, record_time,
  observation_id);

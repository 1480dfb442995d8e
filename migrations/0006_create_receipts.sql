-- What Snap says it received, beside what the ledger says was delivered (docs/decisions/0023).
-- Append-only.
create table receipt_observation (
  destination_number int not null references destination,
  observation_time timestamptz not null default now(),
  expected bigint not null,        -- delivered within the past hour
  expected_least bigint not null,  -- of them, those Snap must count in its hour too
  expected_most bigint not null,   -- and all that it may count
  reported bigint,                 -- null: the answer was not understood
  latest_event_time timestamptz,
  verdict smallint not null check (verdict between 1 and 5),
  diverging boolean not null,
  http_status smallint not null,
  answer text not null,            -- its beginning, redacted
  primary key (destination_number, observation_time),
  check ((verdict = 1) = (reported is null))
);

-- When the next process may ask for a destination: the row is taken by moving the time on.
create table receipt_turn (
  destination_number int primary key references destination,
  next_time timestamptz not null
);

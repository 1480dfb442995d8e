-- Snap's event quality scores of a destination, as Snap answered. An answer that repeats the one
-- before moves that one's last_fetched_time.
create table quality_answer (
  destination_number int not null references destination,
  first_fetched_time timestamptz not null default now(),
  last_fetched_time timestamptz not null default now(),
  http_status smallint not null,   -- 0: no complete answer
  parser_version smallint not null,
  understood boolean not null,
  answer_sha256 bytea not null,
  answer text not null,            -- raw, but for a token that it may quote
  error text not null,
  primary key (destination_number, first_fetched_time)
);

-- What the parser made of those it understood.
create table quality_score (
  destination_number int not null,
  first_fetched_time timestamptz not null,
  place int not null,
  event_name text not null,
  event_source text not null,
  score text not null,
  priority text not null,
  recommendation_code text not null,
  title text not null,
  primary key (destination_number, first_fetched_time, place),
  foreign key (destination_number, first_fetched_time) references quality_answer on delete cascade
);

-- When the next process may ask for a destination: the row is taken by moving the time on.
create table quality_turn (
  destination_number int primary key references destination,
  next_time timestamptz not null
);

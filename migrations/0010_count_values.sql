-- How concentrated the values of identifiers are (docs/decisions/0032): for each shard, UTC day of
-- receipt and kind of identifier a sketch of keyed hashes, no value (services/matchrate/
-- value_sketch.h).
create table value_sketch (
  day timestamptz not null,
  shard int not null,
  kind smallint not null check (kind between 1 and 15),
  sketch bytea not null,
  primary key (shard, day, kind)
);

-- How far lots are counted into them, and when a process may take the next turn. The row moves in
-- the transaction that writes the sketches, and only from where its reader found it: no lot is
-- counted twice or left out.
create table value_progress (
  shard int primary key,
  counted_lot_id bigint not null default 0,
  counted_time timestamptz not null default '-infinity',
  next_turn_time timestamptz not null
) with (fillfactor = 50);

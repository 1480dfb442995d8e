-- Acts of administration, and what the service does to a destination by itself. Append-only; each
-- entry's hash covers the one before (docs/decisions/0022). The detail is text, not jsonb: the hash
-- is over its bytes.
create table audit_entry (
  sequence bigint primary key check (sequence >= 1),
  entry_time timestamptz not null,
  actor text not null,
  action text not null,
  target text not null,
  detail_json text not null,
  previous_hash bytea not null,
  hash bytea not null
);
create index audit_entry_time on audit_entry (entry_time, sequence);

-- The last entry. An append locks this row, last of all locks its transaction takes: sequences have
-- no gaps, and nobody who holds it waits for another lock.
create table audit_head (
  id int primary key check (id = 1),
  sequence bigint not null,
  hash bytea not null,
  entry_time timestamptz not null
) with (fillfactor = 50);
insert into audit_head values (1, 0, '', '-infinity');

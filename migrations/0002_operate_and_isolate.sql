-- What lists, operators, guided isolation and a changing lane count need. Every process of the
-- version before must be stopped first: it knows nothing of `exceptional_state`.

-- The state of slices that wait in no queue and were not delivered: final in another way, or set
-- aside because the payload cannot be read. Apart from `state`, so that such slices have an index
-- and a delivery changes no indexed column.
alter table lot add column exceptional_state smallint;
update lot set exceptional_state = state where state >= 5 or (state in (1, 3) and queue = 0);
alter table lot add constraint lot_exceptional_state_check
  check (exceptional_state is not distinct from
    case when state >= 5 or (state in (1, 3) and queue = 0) then state end);
create index lot_exceptional on lot (shard, exceptional_state, received_time)
  where exceptional_state is not null;

-- How far the search for a refused event of an isolation group is: 0 nothing is known, 1 Snap's
-- validation was asked, 2 some event of the group is refused, 3 Snap named this one.
alter table lot add column isolation_stage smallint not null default 0
  check (isolation_stage between 0 and 3);

-- Events of the attempt that left it by a transition of their own, e.g. those a validation named.
alter table attempt add column left_count int not null default 0 check (left_count >= 0);
-- How such a transition's verdict is known, and Snap's own words for it.
alter table transition add column verdict_source smallint not null default 0;
alter table transition add column snap_reason text not null default '';

-- The rate is compared with the last send: a changed rate or lane count holds from the next claim.
alter table shard rename column next_send_time to last_send_time;

-- A deleted destination keeps its history; one made again by the same id takes it up.
alter table destination add column delete_time timestamptz;

-- The lane counts a destination had: until when an event may have been put where they said.
create table former_lane_count (
  destination_number int not null references destination,
  lane_count int not null check (lane_count between 1 and 64),
  until_time timestamptz not null default now(),
  primary key (destination_number, lane_count)
);

-- Grows with every change of where events belong (lanes, deletion). Each commit shares the row and
-- compares, so that none is made by what was true before.
alter table identity_roll add column lane_epoch bigint not null default 0;

-- To the planner a shard is the whole table: it then looks the slices of a batch up one by one.
-- Without statistics, or by those of other shards, it takes a shard for a few rows, reads all of
-- them and compares each with each slice of the batch. The row is there to have statistics from the
-- beginning.
alter table lot alter column shard set (n_distinct = 1);
insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes, state,
  queue, next_attempt_time, oldest_event_time, rollup)
values (0, 0, 0, 0, 1, 0, 1, 1, now(), now(), '');
analyze lot;
delete from lot where shard = 0;

-- The events received since the counters were last folded are summed every half minute: from the
-- index alone where a page was vacuumed since it changed, instead of from the rows, of which a page
-- holds two or three (docs/decisions/0045).
drop index lot_received;
create index lot_received on lot (shard, received_time) include (event_count);

-- Making an index of an empty table tells the planner that there are no rows. Once more one to have
-- statistics from the beginning (0002).
insert into lot (shard, lot_id, first_position, last_position, event_count, json_bytes, state,
  queue, next_attempt_time, oldest_event_time, rollup)
values (0, 0, 0, 0, 1, 0, 1, 1, now(), now(), '');
analyze lot;
delete from lot where shard = 0;

-- Coverage by hours and by days, the sets of identifiers of an event name, source and action source
-- packed into one row (docs/decisions/0030). Every process of the version before must be stopped
-- first: it knows only the table that goes.
create table coverage_rollup (
  period_start timestamptz not null,
  shard int not null,
  name_label int not null,
  source_label int not null,
  stage smallint not null,
  grain smallint not null check (grain in (1, 2)),  -- an hour, a day in UTC
  action_source smallint not null,
  sets bytea not null,  -- 12 bytes a set: storage/rollup.h
  primary key (shard, stage, grain, period_start, name_label, source_label, action_source),
  check (octet_length(sets) % 12 = 0)
) with (fillfactor = 70);
alter table coverage_rollup alter column sets set storage external;

insert into coverage_rollup (shard, stage, grain, period_start, name_label, source_label,
  action_source, sets)
select shard, stage, grain, period_start, name_label, source_label, action_source,
  string_agg(substring(int4send(supplied) from 3) || substring(int4send(usable) from 3)
    || int8send(event_count), ''::bytea order by supplied, usable)
from (
  select c.shard, c.stage, g.grain, date_trunc(g.unit, c.hour, 'UTC') as period_start,
    c.name_label, c.source_label, c.action_source, c.supplied, c.usable,
    sum(c.event_count)::bigint as event_count
  from coverage_counter c
  cross join (values (1::smallint, 'hour'), (2::smallint, 'day')) g (grain, unit)
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9) counted
group by 1, 2, 3, 4, 5, 6, 7;

drop table coverage_counter;

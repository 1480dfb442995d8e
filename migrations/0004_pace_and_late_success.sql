-- A success that arrived late while the slice was already being sent again: whatever becomes of
-- that attempt, the slice ends DELIVERED. Every process of the version before must be stopped
-- first: it would put a marked slice back IN_DOUBT, which the check refuses.
alter table lot add column late_success boolean not null default false;
alter table lot add constraint lot_late_success_check check (not late_success or state in (2, 4));

-- How fast each destination is sent to just now, and whether at all: the adaptive share of its rate
-- and its circuit breaker. Apart from its settings and its gates: it is written only where
-- something is amiss. What the columns mean is in storage/pace.h.
create table pace (
  destination_number int primary key references destination,
  rate_share double precision not null default 1 check (rate_share > 0 and rate_share <= 1),
  rate_decrease_time timestamptz not null default '-infinity',
  rate_increase_time timestamptz not null default '-infinity',
  breaker_state smallint not null default 0 check (breaker_state between 0 and 2),
  breaker_change_time timestamptz not null default '-infinity',
  failures int not null default 0,
  openings int not null default 0,
  trial_time timestamptz not null default '-infinity',
  trial_attempt_id uuid
) with (fillfactor = 50);
insert into pace (destination_number) select destination_number from destination;

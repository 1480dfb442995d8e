-- A success that arrived late while the slice was already being sent again: whatever becomes of
-- that attempt, the slice ends DELIVERED. Every process of the version before must be stopped
-- first: it would put a marked slice back IN_DOUBT, which the check refuses.
alter table lot add column late_success boolean not null default false;
alter table lot add constraint lot_late_success_check check (not late_success or state in (2, 4));

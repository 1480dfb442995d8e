-- How PostgreSQL tends the tables that grow with every event (docs/decisions/0034).

-- ANALYZE counts the elements of every sampled array: tens of thousands of lots with hundreds of
-- keys each. No statement has a use for the result.
alter table lot_lookup alter column keys set statistics 0;
alter table lot_payload alter column piece_bounds set statistics 0;
alter table batch alter column lot_ids set statistics 0;
alter table batch alter column first_positions set statistics 0;
alter table batch alter column last_positions set statistics 0;
alter table batch alter column fences set statistics 0;
alter table batch alter column previous_attempt_ids set statistics 0;

-- What is written once is vacuumed soon after and frozen for good, by amounts that do not grow with
-- the table: a page that was written before the last checkpoint would be logged whole again.
alter table lot_payload set (
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
  autovacuum_freeze_min_age = 0,
  toast.autovacuum_vacuum_insert_scale_factor = 0, toast.autovacuum_vacuum_insert_threshold = 10000,
  toast.autovacuum_freeze_min_age = 0);
alter table lot_lookup set (
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
  autovacuum_freeze_min_age = 0,
  toast.autovacuum_vacuum_insert_scale_factor = 0, toast.autovacuum_vacuum_insert_threshold = 10000,
  toast.autovacuum_freeze_min_age = 0);
alter table batch set (
  autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 10000,
  autovacuum_freeze_min_age = 0);
do $$
declare partition regclass;
begin
  for partition in select inhrelid::regclass from pg_inherits where inhparent = 'identity'::regclass
  loop
    execute format('alter table %s set (autovacuum_freeze_min_age = 0)', partition);
  end loop;
end $$;

-- The checks of lot as one function. PostgreSQL reads each check of a table from its stored form
-- and prepares it in every statement that writes there; there were thirteen. A function is parsed
-- once a session, and of it only the branch that a row takes is prepared (docs/decisions/0037).
create function lot_is_sound(
  first_position smallint, last_position smallint, event_count int, state smallint, queue smallint,
  exceptional_state smallint, final_time timestamptz, in_doubt_since timestamptz,
  last_attempt_id uuid, lease_end_time timestamptz, late_success boolean, isolation_group uuid,
  isolation_stage smallint)
returns boolean language plpgsql immutable as $$
begin
  if first_position < 0 or first_position > last_position or event_count < 1 or event_count > 2000
    or isolation_stage < 0 or isolation_stage > 3 then
    return false;
  elsif state = 1 then  -- PENDING: waits in a queue, or is set aside
    return in_doubt_since is null and final_time is null and not late_success
      and queue between 0 and 3 and (queue = 3) = (isolation_group is not null and queue > 0)
      and exceptional_state is not distinct from case when queue = 0 then state end;
  elsif state = 2 then  -- IN_FLIGHT: has an attempt, and a lease that ends
    return queue = 0 and final_time is null and exceptional_state is null
      and last_attempt_id is not null and lease_end_time is not null;
  elsif state = 4 then  -- DELIVERED
    return queue = 0 and final_time is not null and exceptional_state is null;
  elsif state = 3 then  -- IN_DOUBT: waits in a queue, or is set aside
    return in_doubt_since is not null and final_time is null and not late_success
      and queue between 0 and 3 and (queue = 3) = (isolation_group is not null and queue > 0)
      and exceptional_state is not distinct from case when queue = 0 then state end;
  end if;
  -- Final in another way. Doubt is sticky: what was in doubt never becomes REJECTED (5), EXPIRED
  -- (6) or EXHAUSTED (8), and nothing else becomes EXPIRED_IN_DOUBT (7).
  return state between 5 and 10 and queue = 0 and final_time is not null and not late_success
    and exceptional_state is not distinct from state
    and (in_doubt_since is null or state not in (5, 6, 8))
    and (in_doubt_since is not null or state <> 7);
end
$$;

alter table lot
  drop constraint lot_check,
  drop constraint lot_check1,
  drop constraint lot_check2,
  drop constraint lot_check3,
  drop constraint lot_check4,
  drop constraint lot_check5,
  drop constraint lot_check6,
  drop constraint lot_event_count_check,
  drop constraint lot_exceptional_state_check,
  drop constraint lot_isolation_stage_check,
  drop constraint lot_late_success_check,
  drop constraint lot_queue_check,
  drop constraint lot_state_check,
  add constraint lot_is_sound check (
    lot_is_sound(first_position, last_position, event_count, state, queue, exceptional_state,
      final_time, in_doubt_since, last_attempt_id, lease_end_time, late_success, isolation_group,
      isolation_stage));

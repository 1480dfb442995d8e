-- Differs after each start of a server, between servers, between databases made of one template,
-- and where the ledger was restored or emptied. To be compared for equality alone
-- (docs/decisions/0042).
create function server_life() returns text language sql stable as $$
  select extract(epoch from pg_postmaster_start_time())
    || ' ' || pg_relation_filepath('lot_id_block')
$$;

-- ANALYZE sorts a sample of 30,000 rows for each column: half a second of a processor every few
-- hundred thousand events, at once, while calls wait (docs/decisions/0039).
do $$
declare grown regclass; col name;
begin
  -- Identities are only found by their whole key, or read by partition: no plan has a use for
  -- statistics of their columns.
  for grown in select 'identity'::regclass
    union all select inhrelid from pg_inherits where inhparent = 'identity'::regclass
  loop
    for col in select attname from pg_attribute
      where attrelid = grown and attnum > 0 and not attisdropped
    loop
      execute format('alter table only %s alter column %I set statistics 0', grown, col);
    end loop;
  end loop;
  -- A sample of 6000 rows tells shards, queues and states apart as well.
  for grown, col in select attrelid, attname from pg_attribute
    where attrelid in ('lot'::regclass, 'lot_payload'::regclass, 'lot_lookup'::regclass,
        'batch'::regclass, 'attempt'::regclass)
      and attnum > 0 and not attisdropped and attstattarget <> 0
  loop
    execute format('alter table %s alter column %I set statistics 20', grown, col);
  end loop;
end $$;

-- Identities are only found by their whole key, or read by partition: no plan has a use for
-- statistics of their columns, and ANALYZE sorts a sample of 30,000 rows for each of ten columns,
-- four times in the life of a partition (docs/decisions/0034).
do $$
declare partition regclass; col name;
begin
  for partition in select 'identity'::regclass
    union all select inhrelid from pg_inherits where inhparent = 'identity'::regclass
  loop
    for col in select attname from pg_attribute
      where attrelid = partition and attnum > 0 and not attisdropped
    loop
      execute format('alter table only %s alter column %I set statistics 0', partition, col);
    end loop;
  end loop;
end $$;

-- What a closed identity partition may hold (docs/decisions/0031), made once by maintenance and
-- read into the memory of every process that takes events in. A row that is missing or damaged
-- only costs time: the partition is then asked itself.
create table identity_filter (
  partition_number int not null references identity_partition,
  format smallint not null,       -- how `filter` is to be read: KeyFilter::kFormat
  key_count bigint not null,
  filter bytea not null,
  filter_sha256 bytea not null check (octet_length(filter_sha256) = 32),
  primary key (partition_number, format)
);
-- It does not compress.
alter table identity_filter alter column filter set storage external;

-- Who appended to an identity partition: each process lists itself in the transaction of its first
-- append to it. A process that was the only one and has kept all its keys need not read the
-- partition to make its filter once it has closed (docs/decisions/0043).
create table identity_appender (
  partition_number int not null references identity_partition,
  appender_id uuid not null,
  primary key (partition_number, appender_id)
);

-- A program that does not list itself must not append: it asks for the column by its old name.
alter table identity_roll rename column open_partition to open_partition_number;

-- Whoever appended to the open one so far is not known.
insert into identity_appender
  select open_partition_number, '00000000-0000-0000-0000-000000000000' from identity_roll
  where exists (select 1 from identity);

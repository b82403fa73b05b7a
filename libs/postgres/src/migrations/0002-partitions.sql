-- Run ids are UUIDv7, so the first 48 bits are the ms since 1970 at which the run was accepted: a partition is a day.

create function exosphere.day_start(day date) returns uuid language sql immutable strict as $$
  select (lpad(to_hex((day - date '1970-01-01')::bigint * 86400000), 12, '0') || repeat('0', 20))::uuid
$$;

-- Made aside and then attached, so that nobody who writes into other days has to wait.
create function exosphere.make_partitions(day date) returns void language plpgsql strict as $$
declare
  parent text;
  child text;
begin
  if to_regclass(format('exosphere.blob_ref_%s', to_char(day, 'YYYYMMDD'))) is not null then
    return;
  end if;
  perform pg_advisory_xact_lock(hashtextextended('exosphere partitions', 0));
  foreach parent in array array['execution', 'item_chunk', 'attempt', 'log_chunk', 'blob_ref'] loop
    child := parent || '_' || to_char(day, 'YYYYMMDD');
    continue when to_regclass('exosphere.' || child) is not null;
    execute format('create table exosphere.%I (like exosphere.%I including defaults) with (autovacuum_vacuum_insert_scale_factor = 0.2, autovacuum_analyze_scale_factor = 0.2)', child, parent);
    execute format('alter table exosphere.%I attach partition exosphere.%I for values from (%L) to (%L)',
      parent, child, exosphere.day_start(day), exosphere.day_start(day + 1));
  end loop;
end $$;

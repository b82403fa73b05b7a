-- Starts that a rate limit has granted, until they count no more.
create table exosphere.rate_use (
  cluster text not null,
  step text not null,
  key text not null,
  expires_at timestamptz not null,
  starts int not null
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 1);
create index rate_use_by_key on exosphere.rate_use (cluster, step, key, expires_at);

-- At most p_limit starts in any p_per. The time is that after the lock: two claims have the order of their times.
create function exosphere.take_rate(
  p_cluster text, p_step text, p_key text, p_limit int, p_per interval, p_want int, out granted int, out next_at double precision
) language plpgsql as $$
declare
  at timestamptz;
  used int;
  oldest timestamptz;
begin
  perform pg_advisory_xact_lock(hashtextextended(concat_ws(chr(10), p_cluster, p_step, p_key), 3));
  at := clock_timestamp();
  delete from exosphere.rate_use where cluster = p_cluster and step = p_step and key = p_key and expires_at <= at;
  select coalesce(sum(starts), 0), min(expires_at) into used, oldest
  from exosphere.rate_use where cluster = p_cluster and step = p_step and key = p_key;
  granted := greatest(0, least(p_want, p_limit - used));
  if granted > 0 then
    insert into exosphere.rate_use (cluster, step, key, expires_at, starts) values (p_cluster, p_step, p_key, at + p_per, granted);
  end if;
  next_at := ceil(extract(epoch from case when granted = p_want then at else coalesce(oldest, at + p_per) end) * 1000);
end $$;

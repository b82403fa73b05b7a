-- What members of a shard wait for while the satellite of their step cannot be opened: a list of {step, reason}. It outlives the lease, and
-- goes when they go on. As jsonb, since it is looked into.
alter table exosphere.shard add column waits jsonb;
create index shard_waiting on exosphere.shard (run) where waits is not null;

-- Leases those of the shards that are ready: nobody's (or of a worker whose lease has lapsed), due, and of a run that goes.
-- One with a limit gets the permits that are free, and is left alone if there are none.
drop function exosphere.lease_shards(uuid, uuid[]);
create function exosphere.lease_shards(p_worker uuid, p_ids uuid[]) returns table (
  id uuid, run uuid, members text, size int, epoch int, losses int, permits int, limit_step int, limit_max int, priority bigint, waits jsonb
) language plpgsql as $$
#variable_conflict use_column
begin
  -- permits of one step are given out by one claim at a time
  perform pg_advisory_xact_lock(k.key) from (
    select distinct hashtextextended(s.run::text || s.limit_step, 1) as key
    from exosphere.shard s where s.id = any (p_ids) and s.limit_step is not null order by 1
  ) k;
  return query
    with ready as (
      select s.id, s.run, s.limit_step, s.limit_max, s.size, s.priority
      from exosphere.shard s join exosphere.run r on r.id = s.run
      where s.id = any (p_ids) and (s.owner is null or s.lease_until < now()) and (s.due_at is null or s.due_at <= now())
        and exosphere.may_go(r)
      order by s.id for update of s
    ), granted as (
      select ready.id, case when ready.limit_step is not null then least(ready.size,
          ready.limit_max - used.permits - coalesce(sum(ready.size) over (partition by ready.run, ready.limit_step
            order by ready.priority, ready.id rows between unbounded preceding and 1 preceding), 0))::int end as permits
      from ready left join lateral (
        select coalesce(sum(x.permits), 0) as permits from exosphere.shard x
        where x.run = ready.run and x.limit_step = ready.limit_step and x.owner is not null and x.lease_until >= now()
      ) used on ready.limit_step is not null
    ), leased as (
      update exosphere.shard s set owner = p_worker, epoch = s.epoch + 1, lease_until = now() + exosphere.lease_time(),
        look_at = now() + exosphere.lease_time(), losses = s.losses + case when s.owner is null then 0 else 1 end,
        due_at = null, running = '', permits = granted.permits
      from granted where s.id = granted.id and (granted.permits is null or granted.permits > 0)
      returning s.id, s.run, s.members, s.size, s.epoch, s.losses, s.permits, s.limit_step, s.limit_max, s.priority, s.waits
    ), begun as (
      update exosphere.run r set status = 'running', started_at = now()
      where r.status = 'pending' and r.id in (select run from leased)
    )
    select * from leased order by priority, id;
end $$;

-- Notes what members of a held shard wait for (null: nothing any more), or answers false: the lease is not held any more. The record of a
-- new wait goes into the log of the run unless a shard of it waits for that already.
create function exosphere.note_waits(p_id uuid, p_epoch int, p_waits jsonb, p_wait jsonb, p_record text) returns boolean
language plpgsql as $$
declare
  held exosphere.shard;
begin
  select * into held from exosphere.shard where id = p_id and epoch = p_epoch and owner is not null for update;
  if not found then
    return false;
  end if;
  if p_record is not null then
    -- whoever finds the same reason at the same time waits here, and then sees it told
    perform pg_advisory_xact_lock(hashtextextended(held.run::text || p_wait::text, 4));
    if not exists (select 1 from exosphere.shard s where s.run = held.run and s.waits @> p_wait) then
      perform exosphere.add_record(held.run, p_record);
    end if;
  end if;
  update exosphere.shard set waits = p_waits where id = p_id;
  return true;
end $$;

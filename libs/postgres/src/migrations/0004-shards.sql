-- A run whose work may be taken: not paused, not waiting for its concurrency group (but to be cancelled).
create function exosphere.may_go(r exosphere.run) returns boolean language sql immutable as $$
  select r.ended_at is null and r.control <> 'paused' and (not r.queued or r.control in ('cancelling', 'cancelling-all'))
$$;

-- Leases those of the shards that are ready: nobody's (or of a worker whose lease has lapsed), due, and of a run that goes.
-- One with a limit gets the permits that are free, and is left alone if there are none.
create function exosphere.lease_shards(p_worker uuid, p_ids uuid[]) returns table (
  id uuid, run uuid, members text, size int, epoch int, losses int, permits int, limit_step int, limit_max int, priority bigint
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
      returning s.id, s.run, s.members, s.size, s.epoch, s.losses, s.permits, s.limit_step, s.limit_max, s.priority
    ), begun as (
      update exosphere.run r set status = 'running', started_at = now()
      where r.status = 'pending' and r.id in (select run from leased)
    )
    select * from leased order by priority, id;
end $$;

-- Writes the member list anew and gives a part of it to other shards, or answers false: the lease is not held any more.
create function exosphere.split_shard(
  p_id uuid, p_epoch int, p_members text, p_size int,
  s_id uuid[], s_run uuid[], s_members text[], s_size int[], s_due_at timestamptz[], s_priority bigint[], s_limit_step int[],
  s_limit_max int[], s_losses int[], s_keep boolean[]
) returns boolean language plpgsql as $$
declare
  held exosphere.shard;
begin
  update exosphere.shard set members = p_members, size = p_size where id = p_id and epoch = p_epoch and owner is not null
  returning * into held;
  if not found then
    return false;
  end if;
  perform exosphere.make_shards(held.queue, held.owner, s_id, s_run, s_members, s_size, s_due_at, s_priority, s_limit_step, s_limit_max, s_losses, s_keep);
  return true;
end $$;

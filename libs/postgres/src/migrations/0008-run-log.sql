-- What a sink failed with last, for people.
alter table exosphere.log_sink add column error text;

-- The round in which it was noted that the run missed its deadline.
alter table exosphere.run add column missed_round int;
create index run_by_deadline on exosphere.run (deadline) where ended_at is null;

-- overdue: it missed its SLA; chains that have begun, and one for the whole run, still run. overdue-all: nothing does.
alter table exosphere.run drop constraint run_control_check;
alter table exosphere.run add constraint run_control_check
  check (control in ('go', 'paused', 'stopping', 'overdue', 'cancelling', 'overdue-all', 'cancelling-all'));

drop index exosphere.run_ending;
create index run_ending on exosphere.run (id) where ended_at is null and control not in ('go', 'paused');

create or replace function exosphere.control_rank(control text) returns int language sql immutable parallel safe as $$
  select case control when 'stopping' then 1 when 'overdue' then 2 when 'cancelling' then 3 when 'overdue-all' then 4
    when 'cancelling-all' then 5 else 0 end
$$;

-- Whether a gate may be decided under this control (rules 47 and 49, spec 3.8).
create or replace function exosphere.may_fire(control text, always boolean) returns boolean language sql immutable parallel safe as $$
  select control in ('go', 'paused') or (always and control not in ('overdue-all', 'cancelling-all'))
$$;

-- A run whose work may be taken: not paused, not waiting for its concurrency group (but to be cancelled).
create or replace function exosphere.may_go(r exosphere.run) returns boolean language sql immutable as $$
  select r.ended_at is null and r.control <> 'paused' and (not r.queued or r.control not in ('go', 'stopping'))
$$;

-- Lets waiting runs of a group go, in order, while there is room. Answers with them.
create or replace function exosphere.start_next(p_cluster text, p_group text) returns uuid[] language plpgsql as $$
declare
  going int;
  candidate record;
  started uuid[] := '{}';
begin
  select count(*) into going from exosphere.run
  where cluster = p_cluster and concurrency_group = p_group and ended_at is null and not queued;
  for candidate in
    select id, concurrency_limit from exosphere.run
    where cluster = p_cluster and concurrency_group = p_group and ended_at is null and queued
      and control in ('go', 'paused', 'stopping')
    order by number for update
  loop
    exit when going >= candidate.concurrency_limit;
    update exosphere.run set queued = false where id = candidate.id;
    started := started || candidate.id;
    going := going + 1;
  end loop;
  return started;
end $$;

-- One record of a run, in a transaction that writes no other.
create function exosphere.add_record(p_run uuid, p_record text) returns void language sql as $$
  insert into exosphere.log_chunk (run, part, count, records) values (p_run, 0, 1, '[' || p_record || ']')
$$;

-- Ends a run without a shard. Answers null if it has one, has ended or has just begun a chain, else the runs of its group that go now.
--
-- Its record has the place of this transaction, which must be behind all that its shards wrote: so there was none before this
-- transaction got its number (with the lock of the row), and none was made since.
drop function exosphere.end_run(uuid, text, text);
create function exosphere.end_run(p_id uuid, p_status text, p_reason text, p_record text) returns uuid[] language plpgsql as $$
declare
  ended exosphere.run;
  seen record;
begin
  select cluster, concurrency_group as name, run_chain_round into seen from exosphere.run where id = p_id;
  if seen.name is not null then
    perform exosphere.lock_group(seen.cluster, seen.name);
  end if;
  if exists (select 1 from exosphere.shard s where s.run = p_id) then
    return null;
  end if;
  perform from exosphere.run where id = p_id for update;
  -- a statement of its own: it sees what was committed while this one waited
  update exosphere.run set status = p_status, reason = p_reason, ended_at = now(), queued = false
  where id = p_id and ended_at is null and run_chain_round is not distinct from seen.run_chain_round
    and not exists (select 1 from exosphere.shard s where s.run = p_id)
  returning * into ended;
  if not found then
    return null;
  end if;
  if p_record is not null then
    perform exosphere.add_record(p_id, p_record);
  end if;
  if seen.name is null then
    return '{}';
  end if;
  return exosphere.start_next(seen.cluster, seen.name);
end $$;

-- Notes once a round that a run missed its deadline. Answers with its control; null: it was noted before, or the run has ended.
create function exosphere.miss_deadline(p_id uuid, p_control text, p_record text) returns text language plpgsql as $$
declare
  raised text;
begin
  update exosphere.run set missed_round = round,
    control = case when exosphere.control_rank(p_control) > exosphere.control_rank(control) then p_control else control end
  where id = p_id and ended_at is null and missed_round is distinct from round
  returning control into raised;
  if found then
    perform exosphere.add_record(p_id, p_record);
  end if;
  return raised;
end $$;

import type { Connections } from '../database/pools.ts';
import { statement } from '../database/statement.ts';

/** Runs that ended longer ago than their project keeps them, with all that has no partition; a batch, so that no lock is held for long. */
const deleteRuns = statement<{ id: string }>(
  'delete old runs',
  `with old as (
     select r.id from exosphere.run r join exosphere.project p on p.name = r.project
     where r.ended_at < now() - p.retention order by r.id limit 500 for update of r skip locked
   ), counts as (delete from exosphere.step_count where run in (select id from old)),
     gates as (delete from exosphere.join_count where run in (select id from old)),
     failures as (delete from exosphere.failure_count where run in (select id from old)),
     sinks as (delete from exosphere.log_sink where run in (select id from old)),
     forwarding as (delete from exosphere.log_forwarding where run in (select id from old))
   delete from exosphere.run where id in (select id from old) returning id`,
);

const deleteEvents = statement<{ id: string }>(
  'delete old events',
  `delete from exosphere.event where id in (
     select e.id from exosphere.event e join exosphere.project p on p.name = e.project where e.at < now() - p.retention limit 500
   ) returning id`,
);

/** Partitions of days before yesterday of which no run is left; those that were detached before but not dropped, too. */
const emptyDays = statement<{ parent: string; partition: string; attached: boolean; pending: boolean }>(
  'empty days',
  `select t.parent, c.relname as partition, i.inhrelid is not null as attached, coalesce(i.inhdetachpending, false) as pending
   from unnest(array['execution', 'item_chunk', 'attempt', 'log_chunk', 'blob_ref']) as t (parent)
   join pg_class c on c.relnamespace = 'exosphere'::regnamespace and c.relkind = 'r' and c.relname ~ ('^' || t.parent || '_[0-9]{8}$')
   left join pg_inherits i on i.inhrelid = c.oid,
     lateral (select to_date(substring(c.relname from '_([0-9]{8})$'), 'YYYYMMDD') as day) d
   where d.day < now()::date - 1 and not exists (
     select 1 from exosphere.run r where r.id >= exosphere.day_start(d.day) and r.id < exosphere.day_start(d.day + 1)
   )
   order by d.day, t.parent`,
);

/** Forgets ended runs after the retention of their projects. Days whose runs are all gone are dropped as a whole. */
export async function dropOldRuns(connections: Connections, signal: AbortSignal): Promise<void> {
  for (const old of [deleteRuns, deleteEvents]) {
    while (!signal.aborted) {
      const gone = await connections.query(old, []);
      if (gone.length === 0) break;
    }
  }
  for (const { parent, partition, attached, pending } of await connections.query(emptyDays, [])) {
    if (signal.aborted) return;
    // names of our own tables; detached without a lock that others would have to wait for
    const how = pending ? 'finalize' : 'concurrently';
    if (attached) await connections.run(`alter table exosphere.${parent} detach partition exosphere.${partition} ${how}`, []);
    await connections.run(`drop table exosphere.${partition}`, []);
  }
}

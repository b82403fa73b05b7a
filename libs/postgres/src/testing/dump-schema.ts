import type { ClientBase } from 'pg';

/** Of the schema `exosphere`, without the partitions of days. */
const ours = `n.nspname = 'exosphere' and c.relname !~ '_[0-9]{8}'`;

const tables = `
  select c.relname as name, c.relkind = 'p' as partitioned, array_to_string(c.reloptions, ', ') as options,
    (select string_agg(format('  %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
       case when a.attnotnull then ' not null' else '' end, coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')), E',\\n' order by a.attnum)
     from pg_attribute a left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
     where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped) as columns
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and c.relkind in ('r', 'p') order by c.relname`;

const constraints = `
  select format('alter table exosphere.%I add constraint %I %s;', c.relname, k.conname, pg_get_constraintdef(k.oid)) as text
  from pg_constraint k join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and k.contype in ('p', 'u', 'f', 'c') order by c.relname, k.contype desc, k.conname`;

const indexes = `
  select pg_get_indexdef(i.indexrelid) || ';' as text
  from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
  where ${ours} and not exists (select 1 from pg_constraint k where k.conindid = i.indexrelid)
  order by c.relname, i.indexrelid::regclass::text`;

const functions = `
  select pg_get_functiondef(p.oid) || ';' as text
  from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = 'exosphere' order by p.proname`;

interface TableRecord {
  readonly name: string;
  readonly partitioned: boolean;
  readonly options: string | null;
  readonly columns: string;
}

/** What the migrations have made of a database, as text: the same for the same schema. */
export async function dumpSchema(client: ClientBase): Promise<string> {
  const found = await client.query<TableRecord>(tables);
  const texts = found.rows.map(({ name, partitioned, options, columns }) => {
    const tail = `${partitioned ? ' partition by range (run)' : ''}${options === null || options === '' ? '' : ` with (${options})`}`;
    return `create table exosphere.${name} (\n${columns}\n)${tail};`;
  });
  for (const query of [constraints, indexes, functions]) {
    const { rows } = await client.query<{ text: string }>(query);
    texts.push(...rows.map((row) => row.text));
  }
  return `-- What the migrations make. Written by the test that compares it: vitest -u.\n\n${texts.join('\n\n')}\n`;
}

/** What a server is to be run with. */
export interface SettingsInput {
  readonly port: number;
  /** Of the machine, or of the container we are in. */
  readonly memoryBytes: number;
  /** False only for databases that tests throw away: what was committed may be lost. */
  readonly durable: boolean;
}

const gibibyte = 2 ** 30;

/**
 * The server's settings, handed over at every start, so that they follow the release and not the day the data were made.
 * `wal_compression` stays off: these binaries have no lz4, and pglz costs more time than the disk does.
 */
export function serverSettings({ port, memoryBytes, durable }: SettingsInput): Readonly<Record<string, string>> {
  return {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',

    fsync: onOff(durable),
    synchronous_commit: onOff(durable),
    full_page_writes: onOff(durable),

    shared_buffers: memoryBytes >= 4 * gibibyte ? '256MB' : '128MB',
    work_mem: '16MB',
    maintenance_work_mem: '128MB',
    random_page_cost: '1.1',
    jit: 'off',

    // One server alone: nothing is replicated, nothing archived.
    wal_level: 'minimal',
    max_wal_senders: '0',
    max_logical_replication_workers: '0',
    max_wal_size: '2GB',
    checkpoint_timeout: '15min',

    // A queue's tables change all the time: often a little, rather than seldom a lot.
    autovacuum_naptime: '15s',
    autovacuum_vacuum_scale_factor: '0.05',
    autovacuum_analyze_scale_factor: '0.05',
    autovacuum_vacuum_cost_limit: '1000',

    timezone: 'UTC',
    log_timezone: 'UTC',
    lc_messages: 'C',
    log_destination: 'stderr',
    log_line_prefix: '%m [%p] ',
    log_min_messages: 'warning',
    log_checkpoints: 'off',
    // Values may be secrets.
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
  };
}

/** As arguments of `postgres`. */
export function settingsAsArguments(settings: Readonly<Record<string, string>>): readonly string[] {
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

function onOff(on: boolean): string {
  return on ? 'on' : 'off';
}

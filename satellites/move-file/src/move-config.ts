/** What is moved where. */
export interface MoveConfig {
  readonly 'origin-bucket': string;
  readonly 'origin-file-path': string;
  readonly 'origin-region'?: string;
  readonly 'origin-endpoint'?: string;
  readonly 'destination-bucket': string;
  readonly 'destination-file-path': string;
  readonly 'destination-region'?: string;
  readonly 'destination-endpoint'?: string;
}

/** Whether both ends are one storage with one set of keys, so that it can copy by itself. */
export function usesOneStorage(config: MoveConfig, secrets: Readonly<Record<string, string>>): boolean {
  const names = ['AWS_ACCESS_KEY', 'AWS_SECRET_KEY', 'AWS_SESSION_TOKEN'];
  return (
    config['origin-endpoint'] === config['destination-endpoint'] &&
    names.every((name) => secrets[`ORIGIN_${name}`] === secrets[`DESTINATION_${name}`])
  );
}

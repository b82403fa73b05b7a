import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/**
 * Builds the project graph that the layer rule reads from Nx's cache. Without it the rule prints a warning, checks nothing and lets
 * ESLint exit 0; with a stale one it does not know a new package. So it is built anew before each lint (0.7 s).
 *
 * @returns the names of the projects
 * @throws when Nx cannot read the workspace
 */
export async function buildProjectGraph(root: string, options: { signal?: AbortSignal } = {}): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'exosphere-graph-'));
  try {
    const file = join(folder, 'graph.json');
    const env = { ...process.env, NX_DAEMON: 'false', NX_NO_CLOUD: 'true' };
    await run(process.execPath, [join(root, 'node_modules/nx/dist/bin/nx.js'), 'graph', `--file=${file}`], { ...options, cwd: root, env });
    const { graph } = JSON.parse(await readFile(file, 'utf8')) as { graph: { nodes: Record<string, unknown> } }; // the shape that Nx writes
    return Object.keys(graph.nodes);
  } finally {
    await rm(folder, { recursive: true });
  }
}

import { cp, mkdir, realpath, stat, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { npmSettings } from './machine-settings.ts';
import { findProgram } from './programs.ts';
import { certificates, copy, copyBusybox, copyProgram, writeSkeleton } from './root-folder.ts';
import { CannotMakeImage } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

/** The Node that runs this, the npm that started it, and busybox for the rest. */
export const node: StandIn = {
  name: 'node:24-bookworm-slim',
  needs: [
    { name: 'busybox', debianPackage: 'busybox-static' },
    { name: 'update-ca-certificates', debianPackage: 'ca-certificates' },
  ],
  changes: [
    'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    `ENV NODE_VERSION=${process.versions.node}`,
    'CMD ["node"]',
  ],
  fill: async (folder) => {
    if (!process.version.startsWith('v24.')) {
      throw new CannotMakeImage(`This is Node ${process.version}, and the image is of Node 24: start it with \`npm run images\``);
    }
    await writeSkeleton(folder, [{ name: 'node', id: 1000, home: '/home/node' }]);
    await copyBusybox(folder);
    await copyProgram(folder, await realpath(process.execPath), '/usr/local/bin/node');
    await copy(certificates, join(folder, certificates));
    await copyNpm(folder);
  },
};

async function copyNpm(folder: string): Promise<void> {
  const npm = await npmFolder();
  const target = join(folder, 'usr/local/lib/node_modules/npm');
  await cp(npm, target, { recursive: true, dereference: true });
  for (const name of ['npm', 'npx']) await symlink(`../lib/node_modules/npm/bin/${name}-cli.js`, join(folder, 'usr/local/bin', name));
  await mkdir(join(folder, 'usr/local/etc'), { recursive: true });
  await writeFile(join(folder, 'usr/local/etc/npmrc'), await npmSettings());
}

/** The folder of the npm on the PATH. Debian's own is spread over many packages, so that it cannot be copied. */
async function npmFolder(): Promise<string> {
  const program = await findProgram('npm');
  if (program === null) throw new CannotMakeImage('npm is missing: install Node 20 or newer with npm');
  const folder = dirname(dirname(await realpath(program)));
  const whole = await stat(join(folder, 'node_modules')).catch(() => null);
  if (whole === null) throw new CannotMakeImage(`${folder} has no node_modules: install npm as Node brings it (npm install --global npm)`);
  return folder;
}

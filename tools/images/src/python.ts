import { copyFile, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { debianMirror } from './debian-mirror.ts';
import { pipSettings } from './machine-settings.ts';
import { run } from './programs.ts';
import { CannotMakeImage } from './stand-in.ts';
import type { StandIn } from './stand-in.ts';

const packages = ['ca-certificates', 'netbase', 'python3', 'python3-pip', 'python3-venv', 'tzdata'];
/** Where a machine keeps the certificates that it trusts beside the usual ones. */
const ownCertificates = '/usr/local/share/ca-certificates';
/** What debootstrap leaves of the machine or for it, and what the slim images leave out. */
const leftovers = [
  'etc/hostname',
  'etc/resolv.conf',
  'usr/lib/python3.11/EXTERNALLY-MANAGED', // or pip would refuse to install beside Debian's packages
  'usr/share/doc',
  'usr/share/info',
  'usr/share/locale',
  'usr/share/man',
  'var/cache/apt',
  'var/lib/apt/lists',
  'var/log',
];

/** A small Debian with its Python, which is 3.11 in bookworm. */
export const python: StandIn = {
  name: 'python:3.11-slim-bookworm',
  needs: [{ name: 'debootstrap', debianPackage: 'debootstrap' }],
  changes: ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'ENV LANG=C.UTF-8', 'CMD ["python3"]'],
  fill: async (folder) => {
    if (process.getuid?.() !== 0) throw new CannotMakeImage('debootstrap makes it, for which you must be root (sudo)');
    const args = ['--variant=minbase', '--force-check-gpg', `--include=${packages.join(',')}`, 'bookworm', folder, await debianMirror()];
    await run('debootstrap', args, { LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' });
    await trustWhatTheMachineTrusts(folder);
    for (const name of leftovers) await rm(join(folder, name), { recursive: true, force: true });
    await mkdir(join(folder, 'var/log'));
    await mkdir(join(folder, 'var/lib/apt/lists/partial'), { recursive: true });
    await mkdir(join(folder, 'var/cache/apt/archives/partial'), { recursive: true });
    await writeFile(join(folder, 'etc/pip.conf'), await pipSettings());
    await nameAsInTheOfficialImage(folder);
  },
};

async function trustWhatTheMachineTrusts(folder: string): Promise<void> {
  const files = (await readdir(ownCertificates).catch(() => [])).filter((name) => name.endsWith('.crt'));
  for (const name of files) await copyFile(join(ownCertificates, name), join(folder, ownCertificates, name));
  await run('chroot', [folder, 'update-ca-certificates']);
}

/** The official image has its Python in /usr/local, and its packages in `site-packages`. */
async function nameAsInTheOfficialImage(folder: string): Promise<void> {
  for (const name of ['python', 'python3', 'python3.11']) await symlink('/usr/bin/python3.11', join(folder, 'usr/local/bin', name));
  const packagesFolder = join(folder, 'usr/local/lib/python3.11');
  await mkdir(join(packagesFolder, 'dist-packages'), { recursive: true });
  await symlink('dist-packages', join(packagesFolder, 'site-packages'));
}

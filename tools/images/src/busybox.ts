import { copyBusybox, writeSkeleton } from './root-folder.ts';
import type { StandIn } from './stand-in.ts';

/** Debian's busybox, alone. */
export const busybox: StandIn = {
  name: 'busybox:stable',
  needs: [{ name: 'busybox', debianPackage: 'busybox-static' }],
  changes: ['ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin', 'CMD ["sh"]'],
  fill: async (folder) => {
    await writeSkeleton(folder);
    await copyBusybox(folder);
  },
};

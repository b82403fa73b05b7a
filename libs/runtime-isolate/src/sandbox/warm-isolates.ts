import ivm from 'isolated-vm';

/** An isolate that has compiled a satellite; each cell gets a context of its own in it. */
export interface WarmIsolate {
  readonly isolate: ivm.Isolate;
  readonly guest: ivm.Script;
  readonly bundle: ivm.Script;
}

/** Makes isolates of one satellite, and keeps those that cells have left. */
export interface WarmIsolates {
  take(): Promise<WarmIsolate>;
  /** Gives back what may be used again. */
  give(warm: WarmIsolate): void;
}

const mostKept = 4;

export function warmIsolates(code: {
  readonly guest: string;
  readonly bundle: string;
  readonly memoryMiB: number;
  /** V8 lost an isolate: this process cannot go on. */
  readonly fatal: (message: string) => void;
}): WarmIsolates {
  const kept: WarmIsolate[] = [];

  const make = async (): Promise<WarmIsolate> => {
    // No snapshot and no cached data: neither is ever taken from outside of this process.
    const isolate = new ivm.Isolate({ memoryLimit: Math.max(8, code.memoryMiB), onCatastrophicError: code.fatal });
    const [guest, bundle] = await Promise.all([
      isolate.compileScript(code.guest, { filename: 'exosphere:guest' }),
      isolate.compileScript(code.bundle, { filename: 'satellite' }),
    ]);
    return { isolate, guest, bundle };
  };

  return {
    async take() {
      for (let warm = kept.pop(); warm !== undefined; warm = kept.pop()) {
        if (!warm.isolate.isDisposed) return warm;
      }
      return make();
    },
    give(warm) {
      if (warm.isolate.isDisposed) return;
      if (kept.length < mostKept) kept.push(warm);
      else warm.isolate.dispose();
    },
  };
}

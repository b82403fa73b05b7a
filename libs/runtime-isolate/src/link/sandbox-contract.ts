/** Exit code of a sandbox process that found it cannot work; its standard error says why in one sentence. */
export const refusedToStart = 78;

/** Longest header or body of a frame, in bytes: one object of 64 MiB and what stands around it. */
export const mostFrameBytes = 300 * 1024 * 1024;

/** Most characters that are repeated of what an engine says. */
const mostRepeated = 300;

const toolkit = "install the NVIDIA Container Toolkit and restart the engine ('nvidia-ctk runtime configure', 'systemctl restart docker')";

/** What an engine says where a card cannot be had, and what to do. Matched against what Docker 20.10 to 29 says. */
const refusals: readonly (readonly [said: RegExp, advice: string])[] = [
  [/could not select device driver "[^"]*" with capabilities/i, toolkit],
  [/(unknown or invalid runtime name|unknown runtime specified):? "?nvidia/i, toolkit],
  [/nvidia-container-[a-z-]*"?: executable file not found/i, toolkit],
  [/nvidia-container-cli[^:]*: requirement error/i, 'a newer driver is needed on this host, or an older image'],
  [/nvidia-container-cli[^:]*: device error/i, "there is no such card any more: look at 'nvidia-smi -L' and EXO_GPUS"],
  [/nvidia-container-cli[^:]*: /i, "the driver of this host does not work: look at 'nvidia-smi'"],
  [/nvidia-container-runtime(-hook)?\b/i, "the driver of this host does not work: look at 'nvidia-smi'"],
  [/failed to discover GPU vendor from CDI/i, toolkit],
  [/CDI device injection failed|unresolvable CDI devices?/i, "look at 'nvidia-ctk cdi list', and at the ids in EXO_GPUS"],
];

/**
 * Whether the engine refused a container for its graphics cards: then the reason for which the item waits, in one sentence. Null: it is
 * about something else.
 *
 * @param error what a call of the engine failed with, or what an inspection shows as `State.Error`
 */
export function gpuRefusal(error: unknown): string | null {
  for (const said of wordsOf(error)) {
    const found = refusals.find(([pattern]) => pattern.test(said));
    if (found !== undefined) return `no GPU on this host: the container engine says '${gist(said)}'; ${found[1]}`;
  }
  return null;
}

/** What is said in the end: what the engine puts around the words of a driver is of no use to anybody. */
function gist(said: string): string {
  const words = /nvidia-container-cli[^:]*: .*$/s.exec(said)?.[0] ?? said;
  return words
    .replace(/:\s*unknown\.?\s*$/, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, mostRepeated);
}

/** The engine's own words first, where the client or we keep them apart, then the message. */
function wordsOf(error: unknown): readonly string[] {
  if (typeof error === 'string') return [error];
  if (typeof error !== 'object' || error === null) return [];
  const { json, reason, message } = error as { json?: unknown; reason?: unknown; message?: unknown }; // looked at below
  const own = typeof json === 'object' && json !== null && 'message' in json ? json.message : null;
  return [own, reason, message].filter((one): one is string => typeof one === 'string');
}

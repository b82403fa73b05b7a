/** Reads at most `limit` bytes of an answer as text, and takes no more from the network. */
export async function readBody(response: Response, limit: number): Promise<{ readonly text: string; readonly cut: boolean }> {
  const body: ReadableStream<Uint8Array> | null = response.body; // its type says any
  if (body === null) return { text: '', cut: false };
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = '';
  let left = limit;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return { text: text + decoder.decode(), cut: false };
    text += decoder.decode(value.subarray(0, left), { stream: true });
    left -= value.length;
    if (left < 0) {
      await reader.cancel();
      return { text, cut: true };
    }
  }
}

/** Waits, and ends early when told to. */
export function pause(milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, milliseconds);
    signal?.addEventListener('abort', end);
  });
}

/** Waits for a promise, whatever becomes of it, but not longer than this; says whether it was over. */
export async function within(milliseconds: number, promise: Promise<unknown>): Promise<boolean> {
  const over = new AbortController();
  const settled = promise.then(
    () => true,
    () => true,
  );
  const first = await Promise.race([settled, pause(milliseconds, over.signal).then(() => false)]);
  over.abort();
  return first;
}

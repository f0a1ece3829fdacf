import { useEffect, useState } from 'preact/hooks';
import type { WorkerReport } from '../../../src/core/commands/worker-report.ts';
import { useCell, useDesk, useFollowed } from '../hooks.ts';
import type { WatchPhase } from '../live/watch.ts';
import { emptyBook, isWorkerPage, nextPage, putPage, putReports, type WorkerBook } from '../state/worker-book.ts';

/** Most workers that one answer lists. */
const pageSize = 1_000;
/** Milliseconds between two further pages. Each costs the router some, and there may be several consoles. */
const turn = 2_000;

/** The workers of a pool. The first page is live; where there are more, the others are read in turn. */
export function useWorkers(pool: string): {
  readonly book: WorkerBook;
  readonly phase: WatchPhase;
  readonly put: (reports: readonly WorkerReport[]) => void;
} {
  const desk = useDesk();
  const awake = useCell(desk.awake);
  const [book, setBook] = useState<WorkerBook>(emptyBook);
  const { state, phase } = useFollowed(
    { command: 'workers.list', given: { pool, skip: 0, limit: pageSize } },
    isWorkerPage,
  );
  useEffect(() => {
    if (state !== undefined) setBook((before) => putPage(before, 0, state));
  }, [state]);
  const more = book.total > pageSize && awake && phase.kind === 'live';
  useEffect(() => {
    if (!more) return undefined;
    let skip = pageSize;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let over = false;
    const read = async (): Promise<void> => {
      const answer = await desk.read('workers.list', { pool, skip, limit: pageSize });
      if (over) return;
      if ('done' in answer && isWorkerPage(answer.done)) {
        const page = answer.done;
        const at = skip;
        setBook((before) => putPage(before, at, page));
        skip = nextPage(skip, pageSize, page.total) || pageSize;
      }
      timer = setTimeout(() => void read(), turn);
    };
    void read();
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [desk, pool, more]);
  return { book, phase, put: (reports) => setBook((before) => putReports(before, reports)) };
}

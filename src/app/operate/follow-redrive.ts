import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import type { ProgressBar } from '../terminal/progress-bar.ts';
import { type AskedRouter, ask } from './api.ts';

/** Milliseconds between two looks. */
const lookEvery = 500;

const status = z.looseObject({ queues: z.array(z.looseObject({ redriving: z.number() })) });

/**
 * Shows how many dead letters of a pool are put back, until all are; who stops looking stops nothing.
 * Returns whether it came to its end.
 */
export async function followRedrive(target: AskedRouter, pool: unknown, bar: ProgressBar): Promise<boolean> {
  let total = 0;
  try {
    for (;;) {
      const found = await ask(
        target,
        'POST',
        '/v1/commands/queue.status',
        { pool },
        (body) => status.safeParse(body).data,
      );
      if (found === undefined) return false;
      const left = found.queues.reduce((sum, { redriving }) => sum + redriving, 0);
      total = Math.max(total, left);
      if (left === 0) return true;
      bar.show(total - left, total, ' put back');
      await pause(lookEvery);
    }
  } finally {
    bar.clear();
  }
}

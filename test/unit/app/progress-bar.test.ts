import { deepEqual, equal } from 'node:assert/strict';
import { ProgressBar } from '../../../src/app/terminal/progress-bar.ts';

/** What stands on the screen, line by line: `\r` and the order to clear the line are followed. */
function screenOf(written: readonly string[]): readonly string[] {
  return written
    .join('')
    .split('\n')
    .map((line) => line.split('\r\u001b[K').at(-1) ?? '');
}

function work(isTTY: boolean, columns?: number) {
  const written: string[] = [];
  const lines = { isTTY, write: (text: string) => written.push(text), ...(columns === undefined ? {} : { columns }) };
  return { bar: new ProgressBar(lines), screen: () => screenOf(written), written };
}

describe('the bar of long work', () => {
  it('stands below the lines, and goes', () => {
    const { bar, screen } = work(true, 40);
    bar.line('begins');
    bar.show(1, 4, ', 1 under way');
    deepEqual(screen(), ['begins', '[####-------------] 1 of 4, 1 under way']);
    bar.line('one is done');
    bar.show(4, 4, ', 0 under way');
    deepEqual(screen(), ['begins', 'one is done', '[#################] 4 of 4, 0 under way']);
    bar.clear();
    deepEqual(screen(), ['begins', 'one is done', '']);
  });

  it('is as wide as there is room, or only words', () => {
    for (const columns of [8, 16, 20, 24, 200]) {
      const { bar, screen } = work(true, columns);
      bar.show(2, 0, '');
      bar.show(3, 1_000, ', 5 under way');
      equal((screen()[0] ?? '').length < columns, true);
    }
    const { bar, screen } = work(true, 200);
    bar.show(1_000, 1_000, '');
    equal(screen()[0], `[${'#'.repeat(40)}] 1000 of 1000`);
  });

  it('is nowhere but on a terminal', () => {
    const { bar, written } = work(false);
    bar.line('begins');
    bar.show(1, 2, '');
    bar.clear();
    deepEqual(written, ['begins\n']);
  });
});

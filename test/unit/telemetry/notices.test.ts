import assert from 'node:assert/strict';
import type { Notice } from '../../../src/core/ports.ts';
import { NoticeLog, type NoticeSink } from '../../../src/telemetry/notices.ts';

interface Line {
  readonly level: string;
  readonly fields: object;
  readonly text: string;
}

class Recorder implements NoticeSink {
  readonly lines: Line[] = [];
  readonly #hidden: string;

  constructor(hidden = 'none') {
    this.#hidden = hidden;
  }

  isLevelEnabled(level: string): boolean {
    return level !== this.#hidden;
  }
  debug(fields: object, text: string): void {
    this.lines.push({ level: 'debug', fields, text });
  }
  info(fields: object, text: string): void {
    this.lines.push({ level: 'info', fields, text });
  }
  warn(fields: object, text: string): void {
    this.lines.push({ level: 'warn', fields, text });
  }
  error(fields: object, text: string): void {
    this.lines.push({ level: 'error', fields, text });
  }
  take(): Line[] {
    return this.lines.splice(0);
  }
}

function notice(part: Partial<Notice> = {}): Notice {
  return { level: 'warn', event: 'bounced', pool: 'jobs', text: 'No worker', detail: {}, ...part };
}

function times(count: number, action: () => void): void {
  for (let i = 0; i < count; i += 1) action();
}

describe('notices', () => {
  it('are written each time where that is asked for', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    times(20, () => log.notice(notice({ event: 'command', each: true })));
    log.flush();
    assert.equal(sink.take().length, 20);
  });

  it('become log lines of their level, with event, pool and detail', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    log.notice(notice({ detail: { level: 'mine', count: 3 } }));
    log.notice(notice({ level: 'info', pool: undefined }));
    assert.deepEqual(sink.lines, [
      {
        level: 'warn',
        fields: { event: 'bounced', pool: 'jobs', detail: { level: 'mine', count: 3 } },
        text: 'No worker',
      },
      { level: 'info', fields: { event: 'bounced' }, text: 'No worker' },
    ]);
  });

  it('are at most five a window, then one line that counts the rest', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 1000);
    times(817, () => log.notice(notice()));
    assert.equal(sink.take().length, 5);
    log.tick(10_999);
    assert.deepEqual(sink.take(), []);
    log.tick(11_000);
    assert.deepEqual(sink.take(), [
      { level: 'warn', fields: { event: 'bounced', pool: 'jobs', more: 812 }, text: 'bounced: … and 812 more in 10 s' },
    ]);
    log.tick(21_000);
    assert.deepEqual(sink.take(), []);
  });

  it('begin a new window at the first notice after the last one', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    times(5, () => log.notice(notice()));
    log.tick(12_000);
    sink.take();
    times(6, () => log.notice(notice()));
    assert.equal(sink.take().length, 5);
    log.tick(21_999);
    assert.equal(sink.take().length, 0);
    log.tick(22_000);
    assert.equal(sink.take().length, 1);
  });

  it('are limited for each event and pool on its own', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    times(9, () => log.notice(notice({ pool: 'a' })));
    log.notice(notice({ pool: 'b' }));
    log.notice(notice({ pool: 'a', event: 'joined' }));
    assert.equal(sink.take().length, 7);
  });

  it('share one allowance beyond the bound, and say so', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0, { keys: 10 });
    for (let i = 0; i < 10_000; i += 1) log.notice(notice({ pool: `pool-${i}`, level: 'info' }));
    assert.equal(sink.take().length, 15);
    log.tick(10_000);
    assert.deepEqual(sink.take(), [
      { level: 'warn', fields: { more: 9985 }, text: 'other events: … and 9985 more in 10 s' },
    ]);
    for (let i = 0; i < 100; i += 1) log.notice(notice({ pool: `pool-${i}` }));
    assert.equal(sink.take().length, 15);
  });

  it('below the level are neither written nor counted', () => {
    const sink = new Recorder('debug');
    const log = new NoticeLog(sink, 0);
    times(100, () => log.notice(notice({ level: 'debug' })));
    log.tick(10_000);
    assert.deepEqual(sink.lines, []);
  });

  it('come back after a clock that went back', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 1_000_000);
    times(6, () => log.notice(notice()));
    log.tick(0);
    assert.equal(sink.take().length, 6);
    log.notice(notice());
    assert.equal(sink.take().length, 1);
  });

  it('give their summaries at the end', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    times(7, () => log.notice(notice()));
    sink.take();
    log.flush();
    log.flush();
    assert.deepEqual(
      sink.take().map(({ text }) => text),
      ['bounced: … and 2 more in 1 s'],
    );
  });

  it('carry no control characters and no text without end', () => {
    const sink = new Recorder();
    const log = new NoticeLog(sink, 0);
    log.notice(notice({ text: 'a\u001b[2Jb\r\nc\u009bd', detail: { from: `\u0007${'x'.repeat(5000)}` } }));
    assert.deepEqual(sink.lines, [
      {
        level: 'warn',
        fields: { event: 'bounced', pool: 'jobs', detail: { from: ` ${'x'.repeat(999)}…` } },
        text: 'a [2Jb  c d',
      },
    ]);
  });
});

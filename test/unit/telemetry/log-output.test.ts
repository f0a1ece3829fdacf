import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { skip } from '../../support/skip.ts';

const log = new URL('../../../src/telemetry/log.ts', import.meta.url).href;

/** Runs a process that logs to its standard output, opened as `stdout` says. */
function run(body: string, stdout: number | 'pipe'): ChildProcess {
  const options = `{ level: 'info', format: 'auto', component: 'c', version: '1', secrets: [] }`;
  const code = `import { createLog } from '${log}'; const { logger } = createLog(${options}); ${body}`;
  return spawn(process.execPath, ['--import=tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', stdout, 'ignore'],
  });
}

describe('log on standard output', () => {
  it('loses no line when the process exits at once', async () => {
    const child = run(`for (let i = 0; i < 1000; i += 1) logger.info({ i }, 'line'); process.exit(3);`, 'pipe');
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 3);
    const numbers = text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line).i]));
    assert.deepEqual(new Set(numbers), new Set(Array.from({ length: 1000 }, (_, i) => i)));
    assert.equal(numbers.length, 1000);
  });

  it('writes what came during a write without being asked again', async () => {
    const child = run(`logger.info('a'); logger.info('b'); setInterval(() => undefined, 60_000);`, 'pipe');
    const { stdout } = child;
    assert.ok(stdout);
    let text = '';
    for await (const chunk of stdout.setEncoding('utf8')) {
      text += String(chunk);
      if (text.includes('"msg":"b"')) child.kill('SIGKILL');
    }
    assert.match(text, /"msg":"a".*\n.*"msg":"b"/);
  });

  it('writes the last line of a process that an exception ends', async () => {
    const child = run(`logger.info('first'); logger.info('last'); throw new Error('expected by this test');`, 'pipe');
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      text += chunk;
    });
    const [code] = await once(child, 'close');
    assert.equal(code, 1);
    assert.match(text, /"msg":"last"/);
  });

  it('lets the process go on and end when the disk is full', async function () {
    if (!existsSync('/dev/full')) skip(this, 'this system has no /dev/full');
    const full = openSync('/dev/full', 'w');
    const child = run(
      `logger.info('a'); setTimeout(() => { logger.info('b'); logger.info('c'); process.exit(3); }, 20);`,
      full,
    );
    closeSync(full);
    assert.deepEqual(await once(child, 'exit'), [3, null]);
  });

  it('lets the process go on and end when nobody reads any more', async () => {
    const body = `let n = 0; setInterval(() => { logger.info('x'); n += 1; if (n === 20) process.exit(3); }, 1);`;
    const child = run(body, 'pipe');
    child.stdout?.destroy();
    assert.deepEqual(await once(child, 'exit'), [3, null]);
  });
});

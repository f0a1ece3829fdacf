import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import fc from 'fast-check';
import { createLog, type LogFormat } from '../../../src/telemetry/log.ts';

const secret = 'hunter2"\\é';

class Capture extends Writable {
  text = '';
  readonly isTTY: boolean;

  constructor(terminal = false) {
    super();
    this.isTTY = terminal;
  }

  override _write(chunk: unknown, _encoding: BufferEncoding, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

function open(format: LogFormat, stream = new Capture(), secrets: readonly string[] = [secret]) {
  const base = { level: 'debug', component: 'pools.example', version: '1.2.3' } as const;
  return { stream, ...createLog({ ...base, format, secrets, stream }) };
}

function only(stream: Capture): Record<string, unknown> {
  const lines = stream.text.split('\n').filter((line) => line !== '');
  assert.equal(lines.length, 1, stream.text);
  const value: unknown = JSON.parse(lines[0] ?? '');
  assert.ok(typeof value === 'object' && value !== null);
  return { ...value };
}

describe('log', () => {
  it('writes a line of JSON with an ISO time, the level by name, component and version', () => {
    const { logger, stream } = open('auto');
    logger.info({ pool: 'jobs' }, 'hello');
    const { time, ...rest } = only(stream);
    assert.match(String(time), /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    assert.deepEqual(rest, {
      level: 'info',
      component: 'pools.example',
      version: '1.2.3',
      pool: 'jobs',
      msg: 'hello',
    });
  });

  it('writes for people when the output is a terminal, or when told to', () => {
    for (const { logger, stream } of [open('auto', new Capture(true)), open('pretty')]) {
      logger.warn('hello');
      assert.match(stream.text, /WARN.*hello/);
      assert.throws(() => JSON.parse(stream.text));
    }
  });

  it('writes JSON to a terminal when told to', () => {
    const { logger, stream } = open('json', new Capture(true));
    logger.info('hello');
    assert.equal(only(stream)['msg'], 'hello');
  });

  it('leaves out what is below the level', () => {
    const { logger, stream } = open('json');
    logger.trace('hidden');
    assert.equal(stream.text, '');
  });

  it('writes an error with its message, stack and cause', () => {
    const { logger, stream } = open('json');
    logger.error({ err: new Error('outer', { cause: new Error('inner') }) }, 'failed');
    const { err } = only(stream);
    const text = JSON.stringify(err);
    assert.match(text, /"message":"outer"/);
    assert.match(text, /"cause":.*"message":"inner"/);
    assert.match(text, /log\.test\.ts/);
  });

  it('survives an output that fails', async () => {
    for (const format of ['json', 'pretty'] as const) {
      const { logger, stream } = open(format);
      const closed = new Promise((resolve) => stream.once('close', resolve));
      stream.destroy(new Error('disk full'));
      await closed;
      logger.info('lost');
    }
  });
});

describe('log redaction', () => {
  it('hides values under sensitive keys at any depth and in any case', () => {
    const { logger, stream } = open('json', new Capture(), []);
    const component = { secret: 'v-one', secretFile: '/run/s', handshakeTimeout: 5 };
    logger.info(
      { component, a: [{ b: { Password: 'v-two', accessToken: { x: 'v-three' } } }], handshake: 'v-four' },
      'x',
    );
    const { component: shown } = only(stream);
    assert.doesNotMatch(stream.text, /v-/);
    assert.deepEqual(shown, { secret: '[redacted]', secretFile: '/run/s', handshakeTimeout: 5 });
  });

  it('hides sensitive keys of child loggers', () => {
    const { logger, stream } = open('json', new Capture(), []);
    logger.child({ session: { token: 'abc123' } }).info('x');
    assert.doesNotMatch(stream.text, /abc123/);
  });

  it('hides the configured secret in messages, errors, stacks, values and keys', () => {
    for (const format of ['json', 'pretty'] as const) {
      const { logger, stream } = open(format);
      const err = Object.assign(new Error(`wrong: ${secret}`, { cause: new Error(secret) }), { sent: secret });
      logger.error({ err, deep: [{ note: `x${secret}y`, [secret]: 1 }] }, `with ${secret}`);
      assert.doesNotMatch(stream.text, /hunter2/);
      assert.match(stream.text, /with \[redacted\]/);
      assert.match(stream.text, /wrong: \[redacted\]/);
    }
  });

  it('hides the handshake of a stream', () => {
    const { logger, stream } = open('json');
    logger.debug("sent <handshake xmlns='x'>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake>");
    assert.doesNotMatch(stream.text, /aaee/);
  });

  it('hides a secret whole when another secret is part of it', () => {
    const { logger, stream } = open('json', new Capture(), ['abc', 'abcdef']);
    logger.info('abcdef abc');
    assert.equal(only(stream)['msg'], '[redacted] [redacted]');
  });

  it('keeps level and time when the secret looks like them, and ignores an empty secret', () => {
    const { logger, stream } = open('json', new Capture(), ['info', '']);
    logger.info('info');
    const line = only(stream);
    assert.equal(line['level'], 'info');
    assert.equal(line['msg'], '[redacted]');
  });

  it('hides any secret in any text and leaves one valid line', () => {
    const text = fc.string({ unit: 'binary', maxLength: 30 });
    // Shorter ones occur in the names of fields, and in the mask itself.
    const secrets = fc.string({ unit: 'binary', minLength: 12, maxLength: 30 });
    fc.assert(
      fc.property(secrets, text, text, (value, before, after) => {
        const { logger, stream } = open('json', new Capture(), [value]);
        logger.info({ at: { deep: value } }, before + value + after);
        const line = only(stream);
        assert.deepEqual(line['at'], { deep: '[redacted]' });
        assert.ok(!String(line['msg']).includes(value));
      }),
    );
  });
});

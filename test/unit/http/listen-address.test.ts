import assert from 'node:assert/strict';
import { formatListenAddress, parseListenAddress } from '../../../src/http/listen-address.ts';

describe('listen address', () => {
  const good = {
    '127.0.0.1:8600': { kind: 'tcp', host: '127.0.0.1', port: 8600 },
    '[::1]:8600': { kind: 'tcp', host: '::1', port: 8600 },
    'localhost:0': { kind: 'tcp', host: 'localhost', port: 0 },
    'unix:/run/switchyard.sock': { kind: 'unix', path: '/run/switchyard.sock' },
  } as const;
  for (const [text, address] of Object.entries(good)) {
    it(`reads and writes ${text}`, () => {
      assert.deepEqual(parseListenAddress(text), address);
      assert.equal(formatListenAddress(address), text);
    });
  }

  const bad = [
    '',
    '8600',
    ':8600',
    '127.0.0.1',
    '::1:8600',
    '127.0.0.1:65536',
    '127.0.0.1:-1',
    'a b:1',
    'unix:',
    'unix:x',
  ];
  for (const text of bad) {
    it(`refuses '${text}'`, () => {
      assert.equal(parseListenAddress(text), undefined);
    });
  }
});

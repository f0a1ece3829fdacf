import assert from 'node:assert/strict';
import { aliasKey } from '../../../src/app/alias-key.ts';

describe('aliasKey', () => {
  it('is base32 as RFC 4648 has it, in lower case and without padding', () => {
    const vectors = {
      '': '',
      f: 'my',
      fo: 'mzxq',
      foo: 'mzxw6',
      foob: 'mzxw6yq',
      fooba: 'mzxw6ytb',
      foobar: 'mzxw6ytboi',
    };
    for (const [text, key] of Object.entries(vectors)) assert.equal(aliasKey(Buffer.from(text)), key);
  });

  it('makes 26 characters of 128 bits', () => {
    assert.match(aliasKey(new Uint8Array(16).fill(255)), /^[a-z2-7]{26}$/);
  });
});

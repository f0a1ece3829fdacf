import assert from 'node:assert/strict';
import { lastAnswered, noteAnswered } from '../../../src/core/pool/conversation/answered.ts';
import { Conversations } from '../../../src/core/pool/conversation/conversations.ts';
import { newMember } from '../select/new-member.ts';

describe('whom a worker has answered', () => {
  it('is found by account, the one answered last first', () => {
    const conversations = new Conversations(100_000);
    const member = newMember(1);
    const answer = (sender: string) => noteAnswered(member, conversations.open('jobs', sender, `jobs@h/${sender}`));
    assert.equal(lastAnswered(member, 'a@h'), undefined);
    answer('a@h/1');
    answer('a@h/2');
    assert.equal(lastAnswered(member, 'a@h'), 'a@h/2');
    answer('b@h/1');
    answer('a@h/1');
    assert.equal(lastAnswered(member, 'a@h'), 'a@h/1');
    assert.equal(lastAnswered(member, 'b@h'), 'b@h/1');
    assert.equal(lastAnswered(newMember(2), 'a@h'), undefined);
  });

  it('is forgotten after eight others, unless answered again meanwhile', () => {
    const conversations = new Conversations(100_000);
    const member = newMember(1);
    const answer = (sender: string) => noteAnswered(member, conversations.open('jobs', sender, `jobs@h/${sender}`));
    answer('a@h/1');
    answer('b@h/1');
    for (let n = 0; n < 7; n += 1) {
      answer('a@h/1');
      answer(`c${n}@h/1`);
    }
    assert.equal(lastAnswered(member, 'a@h'), 'a@h/1');
    assert.equal(lastAnswered(member, 'b@h'), undefined);
    assert.equal(lastAnswered(member, 'c0@h'), 'c0@h/1');
    assert.equal(member.repliedIn.length, 8);
  });
});

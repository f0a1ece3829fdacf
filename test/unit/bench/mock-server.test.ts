import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { frameAt } from '../../../bench/mock/frame.ts';
import { MockServer } from '../../../bench/mock/server.ts';

const service = {
  domain: 'pools.example',
  secret: 'test',
  pool: 'jobs@pools.example',
  senders: 100,
  workers: ['w1@h.example/r', 'w2@h.example/r'],
};

describe('bench: mock server', () => {
  let component: Socket;
  let server: MockServer;

  beforeEach(async () => {
    server = new MockServer(service, (chunk) => {
      for (let at = 0; at < chunk.length; ) {
        const frame = frameAt(chunk, at);
        if (frame === undefined) return;
        server.deliver(frame);
        at = frame.end;
      }
    });
    component = connect(await server.listen(), '127.0.0.1');
    await exchange(`<?xml version='1.0'?><stream:stream to='pools.example'>`);
  });

  afterEach(() => {
    component.destroy();
    server.close();
  });

  async function exchange(text: string): Promise<string> {
    component.write(text);
    const [answer] = (await once(component, 'data')) as [Buffer];
    return answer.toString();
  }

  // Stream id 3BF96D32 and secret test, the vector of the link's own tests.
  const handshake = '<handshake>aaee83c26aeeafcbabeabfcbcd50df997e0a2a1e</handshake>';

  it('accepts the right handshake', async () => {
    assert.equal(await exchange(handshake), '<handshake/>');
    await server.attached;
  });

  it('refuses a wrong handshake', async () => {
    assert.match(await exchange(handshake.replace('aaee', 'aaef')), /not-authorized/);
    await assert.rejects(server.attached);
  });

  it('routes what the component sends to itself back to it', async () => {
    await exchange(handshake);
    const ping = `<iq type='get' from='pools.example' to='pools.example' id='1'><ping xmlns='urn:xmpp:ping'/></iq>`;
    assert.equal(await exchange(ping), ping);
  });

  it('closes the stream when the component does', async () => {
    await exchange(handshake);
    assert.equal(await exchange('</stream:stream>'), '</stream:stream>');
    await once(component, 'close');
  });

  it("answers a ping in a worker's place", async () => {
    await exchange(handshake);
    assert.equal(
      await exchange(`<iq type='get' from='jobs@pools.example' to='w1@h.example/r' id='7'><ping/></iq>`),
      `<iq type='result' from='w1@h.example/r' to='jobs@pools.example' id='7'/>`,
    );
  });

  it('has joined when every worker was answered', async () => {
    await exchange(handshake);
    let done = false;
    const joined = server.join().then(() => (done = true));
    await once(component, 'data');
    component.write(`<presence from='jobs@pools.example' to='w1@h.example/r'/>`);
    await exchange(`<iq type='get' from='jobs@pools.example' to='w1@h.example/r' id='7'><ping/></iq>`);
    assert.equal(done, false);
    component.write(`<presence from='jobs@pools.example' to='w2@h.example/r'/>`);
    await joined;
  });
});

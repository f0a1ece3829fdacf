import assert from 'node:assert/strict';
import { attribute, frameAt } from '../../../bench/mock/frame.ts';
import { RequestLoad } from '../../../bench/requests/load.ts';

const id = (text: string | undefined): string => attribute(text ?? '', 'id') ?? '';

/** A client whose lines end in the test. */
class Line {
  take: (frame: { name: string; text: string; end: number }) => void = () => undefined;
  readEnded: () => void = () => undefined;
  readonly sent: string[] = [];
  /** Whether the server answers all that is sent from now on. */
  served = false;

  send(text: string): void {
    const bytes = Buffer.from(text);
    let at = 0;
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      at = frame.end;
      const { text } = frame;
      this.sent.push(text);
      if (this.served) setImmediate(() => this.hear(`<iq type='result' id='${id(text)}'/>`));
    }
  }

  /** Reads what the server brings, cut as the bench cuts it. */
  hear(text: string): void {
    const bytes = Buffer.from(text);
    let at = 0;
    for (let frame = frameAt(bytes, at); frame !== undefined; frame = frameAt(bytes, at)) {
      at = frame.end;
      this.take(frame);
    }
    this.readEnded();
  }
}

describe('the load of requests', () => {
  it('follows redirects, and counts each request that is answered once', async () => {
    const [asker, worker] = [new Line(), new Line()];
    const load = new RequestLoad([asker], [worker], () => 'jobs@pools');
    const phase = load.window(1, 0.01);
    const [first = ''] = asker.sent;
    assert.equal(attribute(first, 'to'), 'jobs@pools');
    const query = first.slice(first.indexOf('>') + 1, -'</iq>'.length);
    const redirected = `<iq xmlns='jabber:client' id='${id(first)}' type='get' to='w@h/1'>${query}</iq>`;
    asker.hear(
      `<iq type='error' from='jobs@pools' id='${id(first)}'>${query}<error code='302'>${redirected}</error></iq>`,
    );
    assert.equal(asker.sent[1], redirected);
    worker.hear(redirected.replace("to='w@h/1'", "from='s@h/r' to='w@h/1'"));
    assert.match(worker.sent[0] ?? '', new RegExp(`^<iq type='result' to='s@h/r' id='${id(first)}'><done `));
    asker.served = true;
    asker.hear(`<iq type='result' id='${id(first)}'/><iq type='result' id='${id(first)}'/>`);
    const { answered, problems } = await phase;
    assert.ok(answered >= 1);
    assert.deepEqual(problems, ['1 answers came that nobody waited for']);
  });

  it('tells what is refused', async () => {
    const asker = new Line();
    const phase = new RequestLoad([asker], [], () => 'jobs@pools').window(1, 0.01);
    asker.served = true;
    asker.hear(`<iq type='error' id='${id(asker.sent[0])}'><error type='wait'/></iq>`);
    assert.deepEqual((await phase).problems, ['1 requests were refused']);
  });
});

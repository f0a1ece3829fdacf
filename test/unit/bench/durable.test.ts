import assert from 'node:assert/strict';
import { Writable } from 'node:stream';
import type { Cell } from '../../../bench/cell.ts';
import { backlogTable, type Rounds, ratioTable, reached } from '../../../bench/durable/report.ts';
import { bodyFor } from '../../../bench/mock/source.ts';
import { ReplyVerifier } from '../../../bench/mock/verifier.ts';
import { Workers } from '../../../bench/mock/workers.ts';
import { service } from '../../../bench/scene.ts';

function cell(perSecond: number): Cell {
  return { perSecond, cpuPerMillion: 1, resident: 1e6, mockShare: 0.1, latencies: [], problems: [] };
}

/** Five rounds, each faster than the one before by the same for all. */
function rounds(durable: number, plain: number, naive: number): Rounds {
  const factors = [1, 1.1, 1.2, 1.3, 1.4];
  const of = (speed: number) => factors.map((factor) => cell(speed * factor));
  const raw = factors.map((factor) => 100_000 * factor);
  return { durable: of(durable), postgres: of(durable / 2), plain: of(plain), naive: of(naive), raw };
}

describe('bench of at-least-once', () => {
  it('judges a quarter of plain and half of naive', () => {
    assert.match(ratioTable(rounds(50_000, 160_000, 110_000)), /plain \| 0\.31 \| ≥ 0\.25 \| reached/);
    assert.match(ratioTable(rounds(50_000, 160_000, 110_000)), /naive .* \| 0\.45 \| ≥ 0\.5 \| missed/);
    assert.match(ratioTable(rounds(50_000, 160_000, 110_000)), /disk.* \| 0\.50 \| - \| shown/);
    assert.match(ratioTable(rounds(50_000, 160_000, 110_000)), /PostgreSQL, compared to SQLite \| 0\.50 \| - \| shown/);
    assert.deepEqual(
      [reached(rounds(50_000, 160_000, 110_000)), reached(rounds(60_000, 160_000, 110_000))],
      [false, true],
    );
  });

  it('shows what a long queue costs', () => {
    const text = backlogTable({
      messages: 10,
      acceptRate: 5000.4,
      resident: [1e8, 1.2e8],
      turnaround: { p50: 900, p99: 2000, max: 3000 },
      drainRate: 4000,
      loop: { filling: { p50: 1, p99: 2, max: 3 }, draining: undefined },
      problems: [],
    });
    assert.match(text, /\| 5000 \|[\s\S]*\| 100, 120 \|[\s\S]*\| 900, 2000, 3000 \|[\s\S]*\| 4000 \|[\s\S]*\| 2, - \|/);
  });
});

describe('the workers of the mock', () => {
  /** Keeps what is written. */
  function sink(): { socket: Writable; written: () => string } {
    let text = '';
    const stream = new Writable({
      write(chunk: Buffer, _encoding, done) {
        text += chunk.toString();
        done();
      },
    });
    return { socket: stream, written: () => text };
  }

  const delivered = (id: string, worker: string, sender: string, more = ''): string =>
    `<message type='chat' from='${service.pool}/s${sender}@s.example/r' to='${worker}' id='b${id}'>` +
    `<body>${bodyFor(service.pool)}</body>${more}<request xmlns='urn:xmpp:receipts'/></message>`;
  const receipt = (id: string, worker: string, sender: string): string =>
    `<message from='${worker}' to='${service.pool}/s${sender}@s.example/r'><received xmlns='urn:xmpp:receipts' id='b${id}'/></message>`;
  const [one = '', two = ''] = service.workers;

  it('acknowledge each message to its sender, also one in many that is longer', () => {
    const workers = new Workers({ ...service, acknowledges: true });
    const verifier = new ReplyVerifier(
      () => undefined,
      () => undefined,
      (bytes, idAt) => workers.take(bytes, idAt),
    );
    verifier.begin(0, undefined);
    verifier.thorough = false;
    const list = Array.from({ length: 1200 }, (_, n) => {
      const id = String(n).padStart(8, '0');
      return [id, n % 2 === 0 ? one : two, id.slice(2), n % 100 === 7 ? '<hop/>' : ''] as const;
    });
    verifier.feed(
      Buffer.from(list.map(([id, worker, sender, more]) => delivered(id, worker, sender, more)).join('')),
      1200,
    );
    const { socket, written } = sink();
    workers.readEnded(socket);
    assert.equal(written(), list.map(([id, worker, sender]) => receipt(id, worker, sender)).join(''));
    assert.deepEqual(verifier.verdict(), { received: 1200, duplicates: 0, faults: [] });
  });

  it('acknowledge the oldest first when they are paced', () => {
    const workers = new Workers({ ...service, acknowledges: true });
    workers.atOnce = false;
    const take = (id: string, worker: string): void => {
      const text = delivered(id, worker, '000001');
      workers.take(Buffer.from(text), text.indexOf(`id='b`) + 5);
    };
    take('00000001', one);
    take('00000002', two);
    const { socket, written } = sink();
    workers.readEnded(socket);
    assert.equal(written(), '');
    workers.measure();
    assert.equal(workers.acknowledge(socket, 1), 1);
    assert.equal(written(), receipt('00000001', one, '000001'));
    take('00000003', two);
    take('00000004', one);
    assert.equal(workers.measured().length, 1);
    assert.equal(workers.acknowledge(socket, 10), 3);
    assert.equal(workers.acknowledge(socket, 10), 0);
  });
});

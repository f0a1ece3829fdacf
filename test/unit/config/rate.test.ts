import assert from 'node:assert/strict';
import { lines, load, warnings, withPool } from './fixture.ts';

const perSender = (written: string) =>
  load(withPool({ rate: { perSender: written } })).config.service.pools[0]?.rate.perSender;

describe('rate', () => {
  it('is a number in a unit of time, with a burst of as many unless told', () => {
    assert.deepEqual(perSender('100/s'), { count: 100, period: 1_000, burst: 100 });
    assert.deepEqual(perSender('30/m burst 5'), { count: 30, period: 60_000, burst: 5 });
    assert.deepEqual(perSender('1/h burst 1000000'), { count: 1, period: 3_600_000, burst: 1_000_000 });
    assert.deepEqual(perSender('7/d'), { count: 7, period: 86_400_000, burst: 7 });
    assert.equal(perSender('off'), undefined);
  });

  it('is nothing else', () => {
    const forms = 'Write "off", a rate such as "100/s" or "30/m", or one with a burst such as "100/s burst 500".';
    for (const written of ['', '100', '/s', '100/', '1.5/s', '-1/s', '100/w', '100/s 5', '100/s burst', 'on']) {
      const [line] = lines(withPool({ rate: { perSender: written } }));
      const found = `pools.jobs.rate.perSender | ${JSON.stringify(written)} | This is no rate. | ${forms} | file c.json:13`;
      assert.equal(line, found);
    }
    for (const written of ['0/s', '1/s burst 0', '1000001/s', '1/s burst 99999999']) {
      assert.match(lines(withPool({ rate: { perWorker: written } }))[0] ?? '', /A number is out of range/);
    }
  });

  it('warns of a sender that may send more than its domain', () => {
    const both = (one: string, all: string) => warnings(withPool({ rate: { perSender: one, perDomain: all } }));
    assert.match(both('100/s', '10/s')[0] ?? '', /^pools\.jobs\.rate\.perSender .* holds nobody/);
    assert.deepEqual(both('100/m', '10/s'), []);
  });
});

import { deepEqual, equal, ok } from 'node:assert/strict';
import type { Decision } from '../../../src/app/standby/decision.ts';
import type { Call } from '../../../src/app/standby/lease-call.ts';
import { Tenure } from '../../../src/app/standby/tenure.ts';
import { ModelledLease } from '../../support/models/modelled-lease.ts';

const lease = 5_000;
const holdover = 12_000;

/** An instance whose database answers at once, until it is away. */
class Site {
  readonly database = new ModelledLease();
  readonly tenure = new Tenure({ id: 'one', lease, holdover });
  readonly decisions: Decision[] = [];
  away = false;
  now = 0;

  /** Lets time pass, in steps of a tenth of a second. */
  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 100) {
      this.now += 100;
      this.database.now += 100;
      this.decisions.push(...this.tenure.tick(this.now));
      for (let call = this.tenure.due(this.now); call !== undefined; call = this.tenure.due(this.now)) this.#say(call);
    }
  }

  #say(call: Call): void {
    if (this.away) {
      this.tenure.failed(call, this.now);
      return;
    }
    const view = this.database.execute('one', call, lease);
    if (call.kind === 'beat' || call.kind === 'claim')
      this.decisions.push(...this.tenure.answered(call, view, this.now));
    else this.tenure.done(call);
  }
}

describe('the tenure of an instance', () => {
  it('is kept without end while it is alone and the database is away, and confirmed when that is back', () => {
    const site = new Site();
    site.pass(1_000);
    equal(site.tenure.phase, 'active');
    site.away = true;
    site.pass(lease + 1_000);
    equal(site.tenure.phase, 'unsure');
    ok(!site.tenure.mayAttach(site.now));
    site.pass(100 * holdover);
    equal(site.tenure.phase, 'unsure');
    site.away = false;
    site.pass(1_200);
    equal(site.tenure.phase, 'active');
    ok(site.tenure.mayAttach(site.now));
    deepEqual(site.decisions, [{ do: 'begin', epoch: 1 }]);
  });

  it('ends after the holdover where another was alive', () => {
    const site = new Site();
    site.pass(1_000);
    site.database.execute('two', { kind: 'beat', epoch: undefined }, lease);
    site.pass(1_000);
    site.away = true;
    site.pass(lease + holdover - 1_500);
    equal(site.tenure.phase, 'unsure');
    site.pass(1_500);
    deepEqual(site.decisions.at(-1), { do: 'end', why: 'unsure' });
    site.tenure.ended(site.now);
    site.away = false;
    site.pass(2_000);
    // Nobody took it: it begins anew, with another epoch.
    deepEqual(site.decisions.at(-1), { do: 'begin', epoch: 2 });
  });

  it('lets no link be made after a conflict until the database has confirmed it', () => {
    const site = new Site();
    site.pass(1_000);
    ok(site.tenure.mayAttach(site.now));
    site.now += 10;
    site.tenure.contested(site.now);
    ok(!site.tenure.mayAttach(site.now));
    site.away = true;
    site.pass(200);
    ok(!site.tenure.mayAttach(site.now));
    site.away = false;
    site.pass(1_000);
    ok(site.tenure.mayAttach(site.now));
  });

  it('is over at once when the store says that another has the lease', () => {
    const site = new Site();
    site.pass(1_000);
    deepEqual(site.tenure.fenced(), [{ do: 'end', why: 'lost' }]);
    ok(!site.tenure.sure(site.now));
    deepEqual(site.tenure.fenced(), []);
  });

  it('begins at once in a database that was made anew or put back, whose epochs are smaller', () => {
    const site = new Site();
    site.pass(1_000);
    for (const epoch of [2, 3, 4]) {
      site.tenure.fenced();
      site.tenure.ended(site.now);
      site.pass(lease + 1_200);
      deepEqual(site.decisions.at(-1), { do: 'begin', epoch });
    }
    Object.assign(site.database, { epoch: 1, owner: 'one', until: 1 });
    site.pass(1_200);
    deepEqual(site.decisions.at(-1), { do: 'end', why: 'lost' });
    site.tenure.ended(site.now);
    site.pass(1_200);
    deepEqual(site.decisions.at(-1), { do: 'begin', epoch: 2 });
  });

  it('is taken by nobody who is about to end', () => {
    const site = new Site();
    site.tenure.retire();
    site.pass(3 * lease);
    deepEqual([site.tenure.phase, site.decisions], ['standing-by', []]);
  });
});

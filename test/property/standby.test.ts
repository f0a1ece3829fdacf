import assert from 'node:assert/strict';
import fc from 'fast-check';
import { lease, type ModelledInstance, StandbyWorld } from '../support/models/standby-world.ts';

type Act = (world: StandbyWorld, instance: ModelledInstance) => void;

const acts: Readonly<Record<string, Act>> = {
  hear: (world, instance) => world.hear(instance),
  answer: (world, instance) => world.answer(instance),
  both: (world, instance) => {
    world.hear(instance);
    world.answer(instance);
  },
  lose: (world, instance) => world.lose(instance),
  commit: (world, instance) => void world.commit(instance),
  finish: (world, instance) => world.finish(instance),
  stepDown: (world, instance) => world.stepDown(instance),
  prepared: (world, instance) => world.prepared(instance),
  crash: (world, instance) => world.crash(instance),
  freeze: (_, instance) => {
    instance.frozen = true;
  },
  wake: (world, instance) => {
    instance.frozen = false;
    world.turn(instance);
  },
  contested: (world, instance) => instance.tenure.contested(world.clockOf(instance)),
};

const step = fc.record({
  ms: fc.oneof(fc.nat(200), fc.nat(2_000), fc.nat(3 * lease)),
  who: fc.nat(2),
  act: fc.oneof(fc.constant('both'), fc.constantFrom(...Object.keys(acts))),
});
const hour = 3_600_000;
const skews = fc.array(fc.integer({ min: -hour, max: hour }), { minLength: 1, maxLength: 3 });

function check(world: StandbyWorld): void {
  const sure = world.instances.filter((each) => each.tenure.sure(world.clockOf(each)));
  assert.ok(sure.length <= 1, `two are sure: ${sure.map(({ id }) => id).join(', ')}`);
  const [one] = sure;
  if (one !== undefined) {
    assert.equal(world.database.owner, one.id, 'sure, and not the owner');
    assert.ok(world.database.until >= world.database.now || world.database.until === 0, 'sure of a lease that ran out');
  }
  for (const each of world.instances) {
    const attaching = each.tenure.mayAttach(world.clockOf(each));
    assert.ok(!attaching || each.term !== undefined, 'may attach without a router');
    if (each.tenure.phase === 'standing-by') assert.equal(each.term, undefined, 'stands by with a router');
  }
}

function run(world: StandbyWorld, steps: readonly { ms: number; who: number; act: string }[]): void {
  for (const { ms, who, act } of steps) {
    world.advance(ms);
    check(world);
    const instance = world.instances[who % world.instances.length];
    if (instance !== undefined) acts[act]?.(world, instance);
    check(world);
  }
}

describe('instances that share a database', () => {
  it('are never two that hold the lease, whatever is lost, late, frozen or skewed', () => {
    fc.assert(
      fc.property(skews, fc.array(step, { maxLength: 120 }), (clocks, steps) => {
        const world = new StandbyWorld(clocks);
        run(world, steps);
      }),
      { numRuns: 1_500 },
    );
  });

  it('come to exactly one that is active once all is well, and every other stands by', () => {
    fc.assert(
      fc.property(skews, fc.array(step, { maxLength: 80 }), (clocks, steps) => {
        const world = new StandbyWorld(clocks);
        run(world, steps);
        world.settle(8 * lease);
        check(world);
        const phases = world.instances.map(({ tenure }) => tenure.phase).sort();
        const expected = ['active', ...world.instances.slice(1).map(() => 'standing-by')].sort();
        assert.deepEqual(phases, expected);
        const active = world.instances.find(({ tenure }) => tenure.phase === 'active');
        assert.equal(active?.term, world.database.epoch);
        assert.ok(active !== undefined && world.commit(active));
        for (const { linked } of world.instances) assert.ok(!linked, 'a link that was made early is left');
      }),
      { numRuns: 400 },
    );
  });

  it('hand over to exactly one other when asked to', () => {
    fc.assert(
      fc.property(skews, fc.nat(5_000), (clocks, wait) => {
        const world = new StandbyWorld([0, ...clocks]);
        world.settle(2 * lease + wait);
        const before = world.instances.find(({ tenure }) => tenure.phase === 'active');
        assert.ok(before !== undefined);
        const { epoch } = world.database;
        world.stepDown(before);
        world.settle(3_000);
        check(world);
        const active = world.instances.filter(({ tenure }) => tenure.phase === 'active');
        assert.equal(active.length, 1);
        assert.notEqual(active[0], before);
        assert.equal(world.database.epoch, epoch + 1);
      }),
      { numRuns: 200 },
    );
  });

  it('fence the one that lost the lease at its next commit', () => {
    const world = new StandbyWorld([0, hour]);
    world.settle(2 * lease);
    const [old, next] = [...world.instances].sort((a, b) => (b.term ?? 0) - (a.term ?? 0));
    assert.ok(old !== undefined && next !== undefined);
    old.frozen = true;
    for (let passed = 0; passed < 3 * lease; passed += 100) {
      world.advance(100);
      world.hear(next);
      world.answer(next);
    }
    assert.equal(next.tenure.phase, 'active');
    old.frozen = false;
    assert.ok(!world.commit(old), 'a commit of an old epoch');
    assert.equal(old.tenure.phase, 'ending');
  });
});

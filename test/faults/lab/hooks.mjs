// Runs in the router's process before its own code, when the fault suite starts it so
// (`node --import=.../hooks.mjs main.js`), and breaks it at the named point. The product itself
// has no switch for any of this.
//
// LAB_HOOK is JSON: { home, kill: { point, op, nth }, clock: { offset, wrong } }, each part optional.
//   home   URL of the folder with the router's modules, ending with a slash, and their ending
//   kill   SIGKILL to itself the nth time that a change of this kind comes to this point
//   clock  at SIGUSR2 the system's clock jumps so many milliseconds; at the next it jumps back;
//          with `wrong` it is so from the start on, in all threads
import { isMainThread } from 'node:worker_threads';

const { home, ending, kill, clock } = JSON.parse(process.env.LAB_HOOK ?? '{}');

if (isMainThread && kill !== undefined) {
  const { Journal } = await import(`${home}store/journal.${ending}`);
  const { ThreadWriter } = await import(`${home}store/thread/thread-writer.${ending}`);
  killAt(kill, Journal.prototype, ThreadWriter.prototype);
}
if (clock?.wrong === true) {
  const { now } = Date;
  Date.now = () => now() + clock.offset;
} else if (isMainThread && clock !== undefined) {
  const { now } = Date;
  let offset = 0;
  Date.now = () => now() + offset;
  process.on('SIGUSR2', () => {
    offset = offset === 0 ? clock.offset : 0;
  });
}

function killAt({ point, op, nth }, journal, writer) {
  let count = 0;
  const isDue = (change) => {
    if (op !== undefined && change.op !== op) return false;
    count += 1;
    return count === nth;
  };
  const die = () => process.kill(process.pid, 'SIGKILL');
  const { commit } = journal;
  const { write } = writer;
  let inBatch = false;
  if (point === 'in-commit') {
    // The batch that is posted next holds the change, and may reach the disk or not.
    writer.write = function (changes) {
      const written = write.call(this, changes);
      if (inBatch) die();
      return written;
    };
  }
  journal.commit = function (change, done) {
    const due = isDue(change);
    if (due && point === 'before-commit') die();
    inBatch ||= due;
    commit.call(this, change, (error) => {
      if (due && point === 'after-commit') die();
      done?.(error);
      // What was written in the effect leaves on the next turn at the latest.
      if (due && point === 'after-effect') setImmediate(() => setImmediate(die));
    });
  };
}

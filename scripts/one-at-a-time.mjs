import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Waits until no other process works in this clone's `folder`, and claims it until this process
 * ends. Two `npm ci` at once destroy each other's work.
 *
 * @param {string} folder is made when it is missing.
 */
export async function oneAtATime(folder) {
  mkdirSync(folder, { recursive: true });
  const claim = join(folder, 'bootstrap.pid');
  let told = false;
  while (!take(claim)) {
    if (!told) console.log('Another bootstrap works in this clone; waiting for it.');
    told = true;
    await sleep(200);
  }
  process.once('exit', () => rmSync(claim, { force: true }));
}

function take(claim) {
  // Linked when it is whole, so that nobody reads a claim without a name in it.
  const draft = `${claim}.${process.pid}`;
  writeFileSync(draft, String(process.pid));
  try {
    linkSync(draft, claim);
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
    // A claim whose process is gone means nothing.
    if (!isAlive(readOwner(claim))) rmSync(claim, { force: true });
    return false;
  } finally {
    rmSync(draft, { force: true });
  }
}

function readOwner(claim) {
  try {
    return Number(readFileSync(claim, 'utf8'));
  } catch {
    return 0;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

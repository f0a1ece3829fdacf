// Moves a store as `switchyard migrate --to` does, and stops for ever where it is told to: for tests that kill it there.
//   mover.ts there|back FILE SETTINGS STEP
import { argv, stdout } from 'node:process';
import type { MoveStep } from '../../src/store/moves/move.ts';
import type { ConnectionSettings } from '../../src/store/postgres/settings.ts';
import { back, there } from './moving.ts';

const [direction, file = '', settingsText = '', step] = argv.slice(2);
const settings = JSON.parse(settingsText) as ConnectionSettings;

function stand(): Promise<never> {
  stdout.write('there\n');
  return new Promise(() => {});
}

const watcher = {
  reached: (reached: MoveStep): void | Promise<void> => (reached === step ? stand() : undefined),
  progress: (what: string): void => {
    if (step !== `rows ${what}`) return;
    stdout.write('there\n');
    // Between two pages: the process is killed here.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
};

if (direction === 'there') await there(file, settings, watcher);
else await back(settings, file, watcher);

/** A process that commits without end and prints the number of each change that was reported. */
import { conversation } from './samples.ts';
import { openArgument } from './store-target.ts';

const store = await openArgument(process.argv[2]);
const { conversations } = await store.load();
let next = conversations.length === 0 ? 0 : Math.max(...conversations.map(({ at }) => at)) + 1;
process.stdout.write('ready\n');

function commitSome(): void {
  const reported: number[] = [];
  const last = next + 40;
  for (; next < last; next += 1) {
    const number = next;
    store.commit(conversation(`sensor${number}@example.org`, number), (error) => {
      if (error === undefined) reported.push(number);
      if (number === last - 1) process.stdout.write(`${reported.join('\n')}\n`, () => setImmediate(commitSome));
    });
  }
}

commitSome();

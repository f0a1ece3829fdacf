import { playRound, type Tally } from './round.ts';
import type { Play, Promised, Scene } from './scene.ts';

const messages = 12;

interface Lesson {
  /** Short name; the identifier is `urn:xmpp:cmr:` and this. */
  readonly name: string;
  readonly words: string;
  /** Priorities of n1 to n4; they add up to the number of messages where weights are to be seen. */
  readonly priorities: readonly number[];
  /** What each worker is to get, in order. */
  readonly expected: (priorities: readonly number[]) => readonly number[];
}

const unequal = [5, 4, 2, 1];

const lessons: readonly Lesson[] = [
  {
    name: 'roundrobin',
    words: 'Each worker in turn, whatever its priority: everybody gets the same.',
    priorities: unequal,
    expected: (priorities) => priorities.map(() => messages / priorities.length),
  },
  {
    name: 'weighted',
    words: "In turn, but by weight: a worker's priority is its share of the messages.",
    priorities: unequal,
    expected: (priorities) => {
      const whole = priorities.reduce((sum, priority) => sum + priority, 0);
      return priorities.map((priority) => (messages * priority) / whole);
    },
  },
  {
    name: 'mostactive',
    words: 'One worker: the one with the highest priority, as long as it is there. The others stand by.',
    priorities: unequal,
    expected: (priorities) =>
      priorities.map((_, index) => (index === priorities.indexOf(Math.max(...priorities)) ? messages : 0)),
  },
  {
    name: 'all',
    words:
      'Everybody who shares the highest priority gets a copy. So the workers first send their presence again, now with one and the same priority.',
    priorities: [1, 1, 1, 1],
    expected: (priorities) => priorities.map(() => messages),
  },
];

/** The four algorithms of XEP-0354, each with a round of its own. */
export const algorithmScenes: readonly Scene[] = lessons.map((lesson, index) => (play) => teach(play, lesson, index));

async function teach(play: Play, lesson: Lesson, index: number): Promise<Promised[]> {
  const { stage, screen, abort } = play;
  const { name, words, priorities } = lesson;
  screen.title(`Algorithm ${index + 1} of ${lessons.length}: ${name}`);
  screen.say(words);
  for (const [at, worker] of stage.workers.entries()) {
    const priority = priorities[at] ?? 0;
    if (worker.priority !== priority) await worker.join(priority);
  }
  const worker = stage.workers[index];
  const set = await worker?.setAlgorithm(`urn:xmpp:cmr:${name}`);
  if (index === 0) {
    screen.say('A worker asks for it by XEP-0354, as any worker of the pool may. This is what it sends:');
    screen.stanza(set?.request ?? '');
  } else {
    screen.say(`Worker ${worker?.name} asks for it with algorithm='urn:xmpp:cmr:${name}' and gets "${set?.answer}".`);
  }
  await play.breathe();
  const tally = await playRound({ stage, screen, messages, abort });
  if (index === 0) showAddresses(play);
  return judge(lesson, set?.answer, tally, Object.keys(tally.arrived));
}

/** The addresses of a message on its way: what the worker has to answer to. */
function showAddresses({ stage, screen }: Play): void {
  const [worker] = stage.workers;
  const [answeredBy] = [...stage.sender.answers.values()].flat();
  screen.say(
    `A worker gets each message from ${worker?.lastFrom}: the sender, seen through the pool. It answers to that address, and the sender gets the answer from ${answeredBy}: the worker, seen through the pool.`,
  );
}

function judge({ name, priorities, expected }: Lesson, answer: string | undefined, tally: Tally, names: string[]) {
  const wanted = expected(priorities);
  const got = names.map((worker) => tally.arrived[worker] ?? 0);
  const list = (counts: readonly number[]): string => names.map((worker, at) => `${worker} ${counts[at]}`).join(', ');
  const same = got.every((count, at) => count === wanted[at]);
  const copies = wanted.reduce((sum, count) => sum + count, 0);
  return [
    { kept: answer === 'result', text: `${name}: set by a worker` },
    { kept: same, text: `${name}: ${list(got)}${same ? '' : `; promised were ${list(wanted)}`}` },
    {
      kept: tally.answered === messages && tally.answers === copies && tally.refused === 0,
      text: `${name}: ${tally.sent} sent, ${tally.answered} answered, ${tally.answers} answers`,
    },
  ];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { playRound } from './round.ts';
import type { Play, Promised } from './scene.ts';
import type { Stage } from './stage.ts';

const messages = 12;
const limit = 10_000;

/** A worker dies in the middle of a round, with work in its hands. */
export async function killWorker({ stage, screen, abort, breathe }: Play): Promise<Promised[]> {
  const { router, sender, workers } = stage;
  const [first, , victim] = workers;
  if (first === undefined || victim === undefined) throw new Error('the stage has too few workers');
  screen.title(`A worker is killed: ${victim.name}, in the middle of a round`);
  screen.say(
    `${first.name} sets roundrobin again. As soon as ${victim.name} has its second message, its socket is cut: no farewell, no answer. Its server notices and tells the pool that ${victim.name} is unavailable; from then on the others get the rest.`,
  );
  await first.setAlgorithm('urn:xmpp:cmr:roundrobin');
  await breathe();
  let sentBefore = messages;
  victim.onArrival = () => {
    if (victim.received.length === 2) victim.kill();
  };
  const tally = await playRound({
    stage,
    screen,
    messages,
    abort,
    async before(sent) {
      if (!victim.killed || sentBefore < messages) return;
      await memberCount(stage, workers.length - 1, abort);
      sentBefore = sent;
    },
  });
  const after = sender.sent.slice(sentBefore);
  const afterAnswered = after.filter((id) => sender.answers.has(id));
  const atVictim = tally.lost.filter((id) => victim.inHand.has(id));
  const handled = tally.answered + tally.refused + tally.lost.length;
  screen.say(
    `Of ${tally.sent} messages ${tally.answered} were answered, ${tally.refused} came back to the sender as an error, and ${tally.lost.length} got no answer: ${atVictim.length} of these ${victim.name} had in its hands when it died. That is what "at most once" means, the plain way of XEP-0354: a message that has reached a worker is the worker's.`,
  );
  return [
    {
      kept: victim.killed && after.length > 0,
      text: `${victim.name} was killed after ${sentBefore} of ${tally.sent} messages`,
    },
    {
      kept: handled === tally.sent,
      text: `${tally.sent} sent = ${tally.answered} answered + ${tally.refused} errors + ${tally.lost.length} lost`,
    },
    {
      kept: tally.lost.length > 0 && atVictim.length === tally.lost.length,
      text: `${tally.lost.length} lost, ${atVictim.length} of them in the hands of ${victim.name}, none elsewhere`,
    },
    {
      kept: afterAnswered.length === after.length,
      text: `after its death: ${after.length} sent, ${afterAnswered.length} answered by the others`,
    },
    { kept: (await router.balance()) === 0, text: 'the router has one outcome for each stanza that it got' },
  ];
}

/** The router dies (kill -9) and is started again. */
export async function killRouter({ stage, screen, abort, breathe }: Play): Promise<Promised[]> {
  const { router, sender, workers } = stage;
  const wanted = 'urn:xmpp:cmr:mostactive';
  const living = workers.filter(({ killed }) => !killed);
  screen.title('The router is killed with kill -9, and started again');
  const set = await living[1]?.setAlgorithm(wanted);
  screen.say(
    `${living[1]?.name} sets mostactive, which the configuration file does not say (there it is roundrobin): it was stored before the worker got its "${set?.answer}". Then the router is killed.`,
  );
  await breathe();
  await memberCount(stage, living.length, abort);
  sender.forget();
  for (const worker of workers) worker.forget();
  await router.kill9();
  abort.throwIfAborted();
  const condition = await refusal(stage, abort);
  screen.say(`While it is down, the server itself answers the sender: ${condition ?? 'no error came'}.`);
  abort.throwIfAborted();
  const start = performance.now();
  await router.start();
  const spent = ((performance.now() - start) / 1000).toFixed(1);
  const next = await sender.send();
  await until(() => !sender.open().includes(next), abort);
  const by = sender.answers.get(next)?.[0];
  const active = await sender.askAlgorithm();
  const members = await router.metric('switchyard_pool_members');
  screen.say(
    `Started again in ${spent} s. The very next message was answered by ${by ?? 'nobody'}; the pool's algorithm is ${active}; it has ${members} workers. It had stored them in its SQLite database, and asked each by ping whether it still lives.`,
  );
  return [
    { kept: condition !== undefined, text: `while the router was down the sender got an error (${condition})` },
    { kept: by !== undefined, text: `the next message after the restart was answered (by ${by})` },
    { kept: active === wanted, text: `the algorithm is still the one that was set (${active})` },
    { kept: members === living.length, text: `the pool still has ${members} of ${living.length} workers` },
    { kept: (await router.balance()) === 0, text: 'the router has one outcome for each stanza that it got' },
  ];
}

/** What the server says to a sender whose router is gone. A message that it still gives to the dead connection is lost: then the next one tells. */
async function refusal({ sender }: Stage, abort: AbortSignal): Promise<string | undefined> {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    const id = await sender.send();
    await until(() => !sender.open().includes(id), abort, limit / 10);
    const condition = sender.errors.get(id);
    if (condition !== undefined) return condition;
  }
  return undefined;
}

/** Waits until the router's own metrics count so many workers. */
async function memberCount({ router }: Stage, count: number, abort: AbortSignal): Promise<void> {
  await until(async () => (await router.metric('switchyard_pool_members')) === count, abort);
}

/** Waits for what may come; what has not come within the limit shows in the figures. */
async function until(holds: () => boolean | Promise<boolean>, abort: AbortSignal, within = limit): Promise<void> {
  const deadline = Date.now() + within;
  while (Date.now() < deadline && !(await holds())) await sleep(20, undefined, { signal: abort });
}

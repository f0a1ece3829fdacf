import type { Screen } from './screen.ts';
import { accounts, domain, pool, type Stage } from './stage.ts';

/** Lets the workers have their turns again, and says how to attach a client of one's own to what the demo has started. */
export async function showHowToAttach(stage: Stage, screen: Screen): Promise<void> {
  const { server, password, configFile, workers } = stage;
  const living = workers.filter(({ killed }) => !killed);
  await living[0]?.setAlgorithm('urn:xmpp:cmr:roundrobin');
  const { c2sPort: port } = server;
  const jsEnvironment = `XMPP_PASSWORD=${password} XMPP_SERVICE=xmpp://127.0.0.1:${port}`;
  screen.title('Everything keeps running (--stay). Attach your own client:');
  screen.quote(
    [
      `host      127.0.0.1, port ${port}, without TLS (this is loopback)`,
      `sender    ${accounts.visitor}@localhost`,
      `worker    ${accounts.worker}@localhost, with a resource of your own, such as n5`,
      `password  ${password}`,
      `pool      ${pool}`,
    ].join('\n'),
  );
  screen.say('In another terminal, in this folder: three messages to the pool, and their answers:');
  screen.quote(`${jsEnvironment} \\\n  node examples/sender.mjs ${accounts.visitor}@localhost/shell ${pool} 3`);
  screen.say('A fifth worker, here with Python and slixmpp (examples/worker.mjs is the same in JavaScript):');
  screen.quote(`${jsEnvironment} \\\n  /usr/bin/python3 examples/worker.py ${accounts.worker}@localhost/n5 ${pool}`);
  screen.say(
    `A chat client that allows a login without TLS does as well: log in as ${accounts.visitor}@localhost and write to ${pool}.`,
  );
  screen.say(`The router's configuration is ${configFile}; it serves ${domain}. Ctrl-C ends everything.`);
  const names = living.map(({ name }) => name).join(', ');
  screen.say(`The algorithm is roundrobin again. What arrives at ${names} from now on:`);
}

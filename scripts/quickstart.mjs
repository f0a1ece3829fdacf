// `npm run quickstart`: installs what is missing, then shows what Switchyard does, with a real
// server, the real router and real clients, and cleans up after itself.
//
//   npm run quickstart               about half a minute
//   npm run quickstart -- --stay     and then keeps everything running until Ctrl-C
//
// Ends with 0 when every figure was as promised, with 1 when one was not, with 130 when it was
// interrupted, and with 3 when Prosody is missing; then it has said what to type.
import { argv, env, execPath, exit, stderr, stdout } from 'node:process';
import { run } from './command.mjs';

const flags = argv.slice(2);
if (flags.some((flag) => flag !== '--stay')) {
  console.error('Usage: npm run quickstart [-- --stay]');
  exit(2);
}

const { code } = await run(execPath, ['scripts/bootstrap.mjs', '--build', '--prosody'], { show: true });
if (code !== 0) {
  console.error('The quickstart cannot start yet; see above.');
  exit(code);
}

const interruption = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => interruption.abort());
}
// The rest is TypeScript, which the packages just installed can run.
const { register } = await import('tsx/esm/api');
register();
const { quickstart } = await import('../examples/quickstart/quickstart.ts');
try {
  exit(await quickstart({ stay: flags.includes('--stay'), output: stdout, env, abort: interruption.signal }));
} catch (error) {
  stderr.write(`\nThe quickstart broke off: ${error instanceof Error ? error.message : error}\n`);
  exit(1);
}

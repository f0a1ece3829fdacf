// `npm run screenshots`: the pictures of the console in docs/images, of the real router with pools,
// workers and senders that are made up. They differ a little each time; look before you commit them.
import { execPath, exit, stderr } from 'node:process';
import { run } from './command.mjs';

const { code } = await run(execPath, ['scripts/bootstrap.mjs', '--build', '--chromium'], { show: true });
if (code !== 0) {
  console.error('The screenshots cannot be made yet; see above.');
  exit(code);
}
// The rest is TypeScript, which the packages just installed can run.
const { register } = await import('tsx/esm/api');
register();
const { takeScreenshots } = await import('../test/support/screenshots.ts');
try {
  for (const file of await takeScreenshots()) console.log(file);
} catch (error) {
  stderr.write(`\nThe screenshots broke off: ${error instanceof Error ? error.stack : error}\n`);
  exit(1);
}
exit(0);

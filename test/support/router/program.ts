import { fileURLToPath } from 'node:url';

const file = (path: string): string => fileURLToPath(new URL(`../../../${path}`, import.meta.url));

/** Arguments of Node that run the router as it is installed, from any folder. */
export const built: readonly string[] = [file('dist/main.js')];

/**
 * Arguments of Node that run the router, from any folder: what `npm test` has built a moment ago, which
 * starts in a third of the time, else the sources as they are.
 */
export const program: readonly string[] =
  process.env['TEST_BUILT'] === 'true' ? built : [`--import=${import.meta.resolve('tsx')}`, file('src/main.ts')];

/** The environment of such a process. Coverage is counted in the processes of the tests alone, and costs time. */
export function programEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, NODE_V8_COVERAGE: '' };
}

import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';

/** The project's root folder, with a slash at its end. */
export const root = new URL('../', import.meta.url);

/** Path of a tool that npm installed. */
export function tool(name) {
  return new URL(`node_modules/.bin/${name}`, root).pathname;
}

/**
 * Runs a program and waits for its end.
 *
 * @param {string} file
 * @param {string[]} args
 * @param {{ show?: boolean, log?: string, env?: Record<string, string>, limit?: number, cwd?: string }} options
 *   `show` lets it write to our own output, `log` is a file that it writes to instead; without both the
 *   output is collected. After `limit` seconds it is killed. `cwd` is the folder to run it in, when not
 *   the root.
 * @returns {Promise<{ code: number, signal: string | null, output: string }>} `code` is 127 when
 *   the program cannot be started, and at least 1 when a signal ended it.
 */
export function run(file, args, { show = false, log, env = {}, limit, cwd } = {}) {
  const to = log === undefined ? 'pipe' : openSync(log, 'w');
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      cwd: cwd ?? root,
      env: { ...process.env, ...env },
      timeout: limit === undefined ? undefined : limit * 1000,
      killSignal: 'SIGKILL',
      stdio: show ? 'inherit' : ['ignore', to, to],
    });
    let output = '';
    child.stdout?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    child.on('error', (error) => resolve({ code: 127, signal: null, output: `${output}${error.message}\n` }));
    child.on('close', (code, signal) => resolve({ code: code ?? 1, signal, output }));
    // The program has its own.
    if (typeof to === 'number') closeSync(to);
  });
}

/** Seconds since `start` (from `performance.now()`), for people. */
export function seconds(start) {
  return `${((performance.now() - start) / 1000).toFixed(1)} s`;
}

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The built router. */
export const program = fileURLToPath(new URL('../dist/main.js', import.meta.url));

/** What Node is told where the router runs as a service of systemd: what is measured is what operators have. */
export const serviceFlags: readonly string[] = flagsOf(
  readFileSync(new URL('../contrib/switchyard.service', import.meta.url), 'utf8'),
);

function flagsOf(unit: string): readonly string[] {
  const [, flags] = /^ExecStart=\S*node (.*)\S*main\.js run$/m.exec(unit) ?? [];
  if (flags === undefined) throw new Error('contrib/switchyard.service has no ExecStart that runs main.js.');
  return flags.split(' ').filter((flag) => flag.startsWith('--'));
}

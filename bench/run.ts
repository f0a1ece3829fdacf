/** `npm run bench`: measures the router beside other ways to build a component. */
import { writeFileSync } from 'node:fs';
import type { Cell } from './cell.ts';
import { measure } from './cell.ts';
import { conditions } from './conditions.ts';
import type { Options } from './options.ts';
import { readOptions, usage } from './options.ts';
import { benchmarksPage } from './page.ts';
import { measureParts } from './parts.ts';
import { terminalReport } from './report.ts';
import { variants } from './variants/table.ts';
import type { Variant, VariantName } from './variants/variant.ts';
import { voidReasons } from './verdict.ts';

const page = new URL('../docs/benchmarks.md', import.meta.url);

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));

try {
  const options = readOptions(process.argv.slice(2));
  if (options === undefined) console.log(usage);
  else process.exitCode = await run(options);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 2;
}

/** Runs the rounds and reports; gives the exit code. */
async function run(options: Options): Promise<number> {
  const chosen = variants.filter(({ name }) => options.only.has(name)).filter(isHere);
  const circumstances = conditions(options);
  const cells = new Map<VariantName, Cell[]>(chosen.map(({ name }) => [name, []]));
  for (let round = 1; round <= options.rounds; round++) {
    for (const variant of chosen) {
      const cell = await measure(variant, options);
      cells.get(variant.name)?.push(cell);
      console.log(`round ${round}: ${variant.title}, ${Math.round(cell.perSecond)} messages/s`);
    }
  }
  console.log(`\n${circumstances.map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${terminalReport(cells)}`);
  const parts = options.quick || !options.only.has('router') ? [] : measureParts();
  for (const { title, text } of parts) console.log(`\n${title}\n\n${text}`);
  if (options.quick) console.log('A quick run: for a first look, not to be quoted.');
  if (options.json !== undefined) {
    const content = { conditions: Object.fromEntries(circumstances), cells: Object.fromEntries(cells) };
    writeFileSync(options.json, `${JSON.stringify(content, undefined, 2)}\n`);
  }
  if (options.write) writeFileSync(page, benchmarksPage(circumstances, cells, parts));
  return voidReasons(cells).length > 0 || parts.some(({ reached }) => !reached) ? 1 : 0;
}

function isHere(variant: Variant): boolean {
  const missing = variant.missing();
  if (missing !== undefined) console.log(`${variant.title} is left out: ${missing}`);
  return missing === undefined;
}

/** The figures in docs/scaling.md: what one of each carries, from the pages of benchmarks, and what a load needs. */

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { measured, type Needs, needsOf, type Planned, planned, type UnitName, units } from './scaling-model.ts';

const loads = [
  ['10 million', 1e7],
  ['100 million', 1e8],
  ['1 billion', 1e9],
  ['10 billion', 1e10],
  ['100 billion', 1e11],
] as const;

type Table = (head: readonly string[], rows: readonly (readonly string[])[]) => string;

/** docs/scaling.md with its two tables as the pages of benchmarks have them. */
export function withFigures(table: Table): string {
  return replaced(replaced(read('scaling.md'), 'units', unitTable(table)), 'model', modelTable(table));
}

/** What is planned with, by unit. */
export function plan(): Planned {
  const of = (name: UnitName): number => planned(units[name], measured(units[name], read(units[name].page)));
  return {
    plain: of('plain'),
    sqlite: of('sqlite'),
    postgres: of('postgres'),
    prosody: of('prosody'),
    ejabberd: of('ejabberd'),
  };
}

function unitTable(table: Table): string {
  return table(
    ['One of', 'Measured, messages/s', 'Planned with', 'The rest is for'],
    Object.values(units).map((unit) => {
      const figure = measured(unit, read(unit.page));
      return [`[${unit.name}](${unit.page})`, number(figure), number(planned(unit, figure)), unit.why];
    }),
  );
}

function modelTable(table: Table): string {
  const rates = plan();
  return table(
    [
      'Messages a day',
      'Peak a second',
      'Domains: a pair of routers, a PostgreSQL cluster',
      'XMPP nodes (ejabberd)',
      'Plain fronts, if all has one name',
      'With workers, at 2 s',
      'Waiting after 10 minutes without workers',
    ],
    loads.map(([name, perDay]) => row(name, needsOf(perDay, rates), rates)),
  );
}

function row(name: string, needs: Needs, rates: Planned): string[] {
  const { peak, domains, fronts, ejabberd, prosody, inFlight, backlog, backlogBytes } = needs;
  const small = peak <= rates.sqlite ? ' (SQLite carries it as well, without a standby)' : '';
  return [
    name,
    number(peak),
    `${number(domains)}${small}`,
    prosody === 1 ? `${ejabberd}, or 1 Prosody` : number(ejabberd),
    domains === 1 ? '-' : number(fronts),
    number(inFlight),
    `${number(backlog)}, ${bytes(backlogBytes)}`,
  ];
}

/** With two digits, and spaces between thousands. */
function number(value: number): string {
  const step = 10 ** (Math.floor(Math.log10(value)) - 1);
  const rounded = Math.round(value / step) * step;
  return rounded.toFixed(rounded < 10 && !Number.isInteger(rounded) ? 1 : 0).replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

function bytes(value: number): string {
  const units = [
    [1e12, 'TB'],
    [1e9, 'GB'],
  ] as const;
  const [size, name] = units.find(([size]) => value >= size) ?? [1e6, 'MB'];
  return `${number(value / size)} ${name}`;
}

/** Puts `content` between the two marks of that name. Throws when they are not there. */
function replaced(text: string, name: string, content: string): string {
  const [before, after] = [`<!-- ${name}: generated -->`, `<!-- /${name} -->`];
  const [start, end] = [text.indexOf(before) + before.length, text.indexOf(after)];
  if (end < start || start < before.length) throw new Error(`docs/scaling.md has no place for ${name}.`);
  return `${text.slice(0, start)}\n${content}\n${text.slice(end)}`;
}

function read(page: string): string {
  return readFileSync(fileURLToPath(new URL(`../docs/${page}`, import.meta.url)), 'utf8');
}

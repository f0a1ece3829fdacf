import type { Element } from 'ltx';
import type { WorkerWish } from '../../core/envelope.ts';

/** Longest label that is looked at; the pool shortens what is longer than it allows. */
const labelLimit = 256;

/** `<x xmlns='urn:x-switchyard:worker:0' weight='' label='' drain=''/>`: a wrong part is ignored and told. */
export function readWish(element: Element): WorkerWish {
  const problems: string[] = [];
  const weight = readWeight(element.attrs['weight'], problems);
  const label = readLabel(element.attrs['label'], problems);
  const drain = readDrain(element.attrs['drain'], problems);
  return { weight, label, drain, problem: problems.length === 0 ? undefined : problems.join('; ') };
}

function readWeight(value: unknown, problems: string[]): number | undefined {
  if (typeof value !== 'string') return undefined;
  const weight = /^\d{1,4}$/.test(value) ? Number(value) : 0;
  if (weight >= 1 && weight <= 1000) return weight;
  problems.push('weight is a whole number from 1 to 1000');
  return undefined;
}

function readLabel(value: unknown, problems: string[]): string | undefined {
  if (typeof value !== 'string') return undefined;
  if (value !== '' && value.length <= labelLimit) return value;
  problems.push('label is 1 to 32 characters of A-Z a-z 0-9 . _ -');
  return undefined;
}

function readDrain(value: unknown, problems: string[]): boolean {
  if (value === undefined || value === 'false' || value === '0') return false;
  if (value === 'true' || value === '1') return true;
  problems.push('drain is true or false');
  return false;
}

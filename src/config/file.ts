import { readFileSync } from 'node:fs';
import { ConfigError } from './issue.ts';
import type { IssueList } from './issue-list.ts';
import { type JsonDocument, JsonSyntaxError, parseJson, pathKey } from './json.ts';
import type { Layers, Origin } from './layers.ts';
import { fileProblem } from './secret.ts';

/** How much of a line is shown before an error. */
const excerptLength = 100;

/** Reads a configuration file into `layers`. Throws `ConfigError` when there is no JSON in it. */
export function readConfigFile(file: string, layers: Layers, errors: IssueList): void {
  const text = readText(file);
  const { value, offsets, duplicates } = parse(file, text);
  const source = (offset: number) => `file ${file}:${String(lineOf(text, offset))}`;
  const origins = new Map<string, Origin>([[pathKey([]), { rank: 'file', text: source(0) }]]);
  for (const [key, offset] of offsets) origins.set(key, { rank: 'file', text: source(offset) });
  layers.replaceRoot(value, origins);
  for (const { path, firstOffset } of duplicates) {
    const problem = `It stands in line ${String(lineOf(text, firstOffset))} already.`;
    errors.add({ path, found: 'the key a second time', problem, suggestion: 'Remove one of the two.' });
  }
}

function parse(file: string, text: string): JsonDocument {
  try {
    return parseJson(text);
  } catch (error) {
    if (error instanceof JsonSyntaxError) throw syntaxError(file, text, error);
    throw error;
  }
}

function readText(file: string): string {
  const bytes = readBytes(file);
  if (/^(?:efbbbf|fffe|feff)/.test(bytes.toString('hex', 0, 3))) {
    throw refuse(file, 'The file begins with a byte order mark.', 'Save it as UTF-8 without a byte order mark.');
  }
  const text = decode(file, bytes);
  if (text.trim() !== '') return text;
  const suggestion = 'Write a configuration into it; begin with the example of the documentation.';
  throw refuse(file, 'The file is empty.', suggestion);
}

function decode(file: string, bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw refuse(file, 'The file is not UTF-8 text.', 'Save it as UTF-8.');
  }
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    const missing = code === 'ENOENT' ? ', or create it from the example of the documentation' : '';
    throw refuse(file, fileProblem(code), `Name a file that can be read with --config${missing}.`);
  }
}

function refuse(file: string, problem: string, suggestion: string): ConfigError {
  return new ConfigError([{ path: '', found: '', problem, suggestion, source: `file ${file}` }]);
}

function syntaxError(file: string, text: string, error: JsonSyntaxError): ConfigError {
  const start = text.lastIndexOf('\n', error.offset - 1) + 1;
  const place = `${file}:${String(lineOf(text, error.offset))}:${String(error.offset - start + 1)}`;
  return refuse(place, `${error.message}\n${excerpt(text, start, error)}`, error.suggestion);
}

/** The line up to the error, with a mark under it. Values are blotted out: one may be the secret. */
function excerpt(text: string, start: number, error: JsonSyntaxError): string {
  let shown = '';
  let at = start;
  for (const span of error.values) {
    if (span.end <= start || span.start < at) continue;
    shown += `${text.slice(at, span.start)}…`;
    at = span.end;
  }
  shown += text.slice(at, error.offset);
  const line = shown.replace(/\t/g, ' ').slice(-excerptLength);
  return `    ${line}\n    ${' '.repeat(line.length)}^`;
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, offset).split('\n').length;
}

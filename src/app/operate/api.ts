import { z } from 'zod';
import type { Need } from '../../http/access.ts';
import { type ApiTarget, askApi, RouterSilent } from '../../http/client.ts';
import { formatListenAddress } from '../../http/listen-address.ts';
import { type LoadRequest, load } from '../load.ts';
import { printable } from '../terminal/table.ts';
import { apiTargetOf } from './api-target.ts';

/** A router that is asked, and how what went wrong is told. */
export interface AskedRouter extends ApiTarget {
  /** For machines: as the JSON that the router answers with, `{"error": {...}}`. */
  readonly json: boolean;
}

/** Where the router of this configuration takes commands; `undefined`, once it was told why, when it takes none. */
export function targetOf(request: LoadRequest, need: Need, json = false): AskedRouter | undefined {
  const loaded = load(request);
  if (loaded === undefined) return undefined;
  const target = apiTargetOf(loaded.config, need);
  if (!('problem' in target)) return { ...target, json };
  complain(target.problem);
  return undefined;
}

/** Asks a router that runs; `undefined`, once it was told why, when there is no answer that makes sense. */
export async function ask<T>(
  target: AskedRouter,
  method: 'GET' | 'POST',
  path: string,
  body: Readonly<Record<string, unknown>> | undefined,
  read: (body: unknown) => T | undefined,
): Promise<T | undefined> {
  try {
    const answer = await askApi(target, method, path, body);
    const value = answer.status < 300 ? read(answer.body) : undefined;
    const text = readProblem(answer.body);
    if (value !== undefined) return value;
    if (text !== undefined && target.json) process.stderr.write(`${JSON.stringify(answer.body)}\n`);
    else tell(target, 'senseless', text ?? `The router's answer makes no sense (${answer.status}).`);
    return undefined;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const address = formatListenAddress(target.address);
    const question = error instanceof RouterSilent ? '' : ' Does it run?';
    tell(target, 'unreachable', `Cannot reach the router at ${address}: ${why}.${question}`);
    return undefined;
  }
}

function tell({ json }: AskedRouter, code: 'senseless' | 'unreachable', text: string): void {
  if (json) process.stderr.write(`${JSON.stringify({ error: { code, text } })}\n`);
  else complain(text);
}

/** What the router says is wrong. */
export function readProblem(body: unknown): string | undefined {
  const form = z.looseObject({ error: z.looseObject({ text: z.string(), field: z.string().optional() }) });
  const error = form.safeParse(body).data?.error;
  return error?.field === undefined ? error?.text : `${error.field}: ${error.text}`;
}

/** Tells what went wrong. */
export function complain(text: string): void {
  process.stderr.write(`${text.split('\n').map(printable).join('\n')}\n`);
}

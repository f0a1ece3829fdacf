import type { IncomingMessage } from 'node:http';
import { failure, type Reply } from './reply.ts';

/** Most bytes of a body. */
const limit = 64 * 1024;

/** The JSON object that a request carries, `{}` for none, or the answer that says what is wrong with it. */
export async function readObject(
  request: IncomingMessage,
): Promise<{ readonly object: Readonly<Record<string, unknown>> } | { readonly reply: Reply }> {
  const text = await readText(request);
  if (text === undefined) {
    return { reply: failure('body-too-large', { headers: { connection: 'close' } }) };
  }
  if (text.trim() === '') return { object: {} };
  if (!/^application\/json\s*(?:;|$)/i.test(request.headers['content-type'] ?? '')) {
    return { reply: failure('not-json') };
  }
  const value = parse(text);
  return isObject(value) ? { object: value } : { reply: failure('malformed') };
}

async function readText(request: IncomingMessage): Promise<string | undefined> {
  if (Number(request.headers['content-length'] ?? 0) > limit) return undefined;
  const chunks: Buffer[] = [];
  let size = 0;
  // Left open at the limit: what is left is not read, but the answer still has to go out.
  const stream: AsyncIterable<Buffer> = request.iterator({ destroyOnReturn: false });
  for await (const chunk of stream) {
    size += chunk.length;
    if (size > limit) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

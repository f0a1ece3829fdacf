import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

/** A file in one form in which it is sent. */
export interface FileForm {
  /** How it is packed, if it is. */
  readonly coding: 'br' | 'gzip' | undefined;
  readonly body: Buffer;
  /** Entity tag with its quotes (RFC 9110 section 8.8.3). */
  readonly etag: string;
}

/** A file of the console, ready to be sent. */
export interface ConsoleFile {
  readonly type: string;
  /** The smallest first, and last the plain one. */
  readonly forms: readonly FileForm[];
  /** Its name changes when it does, so nobody need ask for it again. */
  readonly forGood: boolean;
}

/** The files of the console by their path in it, such as `assets/index-1a2b.js`. */
export type ConsoleFiles = ReadonlyMap<string, ConsoleFile>;

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.json': 'application/json; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.md': 'text/markdown; charset=utf-8',
};

/** Reads all files of the console once, so that no request ever names one; `undefined` when it was not built. */
export async function readConsole(folder: string): Promise<ConsoleFiles | undefined> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (entries === undefined) return undefined;
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files = await Promise.all(
    paths.map(async (path) => {
      const name = relative(folder, path).split(sep).join('/');
      return [name, await prepare(name, await readFile(path))] as const;
    }),
  );
  return new Map(files);
}

async function prepare(name: string, content: Buffer): Promise<ConsoleFile> {
  const type = types[extname(name)] ?? 'application/octet-stream';
  const tag = createHash('sha256').update(content).digest('base64url').slice(0, 22);
  const br = await promisify(brotliCompress)(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 9 } });
  const gz = await promisify(gzip)(content, { level: 9 });
  const packed: readonly FileForm[] = [
    { coding: 'br', body: br, etag: `"${tag}-br"` },
    { coding: 'gzip', body: gz, etag: `"${tag}-gzip"` },
  ];
  const smaller = packed.filter(({ body }) => body.length < content.length);
  return {
    type,
    forms: [...smaller, { coding: undefined, body: content, etag: `"${tag}"` }],
    forGood: name.startsWith('assets/'),
  };
}

import type { RequestReader } from './request-reader.ts';

/** XEP-0199 section 4.2. */
export const readPing: RequestReader = (child, type) =>
  type === 'get' && child.getName() === 'ping' ? { name: 'ping' } : undefined;

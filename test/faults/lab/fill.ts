import { rmSync, writeFileSync } from 'node:fs';

/** Takes all the room that there is on the disk of this file; `free` gives it back. */
export function fill(file: string): { free(): void } {
  for (const size of [65_536, 4_096, 512]) {
    try {
      for (;;) writeFileSync(file, Buffer.alloc(size), { flag: 'a' });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error;
    }
  }
  return { free: () => rmSync(file) };
}

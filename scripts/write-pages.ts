import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/**
 * Writes generated pages, or with `check` says which of them are not what the code says.
 *
 * @param pages How each is made, by path from the project's root.
 * @param command What to type to make them anew.
 * @returns The exit code.
 */
export function writePages(pages: Readonly<Record<string, () => string>>, check: boolean, command: string): number {
  let status = 0;
  for (const [path, render] of Object.entries(pages)) {
    const file = fileURLToPath(new URL(`../${path}`, import.meta.url));
    if (!check) {
      writeFileSync(file, render());
    } else if (readIfThere(file) !== render()) {
      console.error(`${path} is not what the code says. Run: ${command}`);
      status = 1;
    }
  }
  return status;
}

function readIfThere(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}

// Run as a process: examines the files that it is given, as an account that owns none of them,
// and prints a line for each. `access(2)` asks for the real account, which a test cannot put back.
import { StoreError } from '../../src/store/error.ts';
import { examineStore } from '../../src/store/examine.ts';

if (process.getuid?.() === 0) process.setuid?.(65534);
for (const file of process.argv.slice(2)) {
  try {
    process.stdout.write(`${examineStore(file).state}\n`);
  } catch (error) {
    process.stdout.write(`${error instanceof StoreError ? error.kind : String(error)}\n`);
  }
}

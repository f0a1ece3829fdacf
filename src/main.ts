#!/usr/bin/env node
// Nothing that an old Node cannot parse may be imported before this check.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`switchyard needs Node 20.19 or newer; this is ${process.version}.\n`);
  process.exitCode = 2;
} else {
  const { cli } = await import('./cli/cli.ts');
  process.exitCode = await cli(process.argv);
}

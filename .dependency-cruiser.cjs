/**
 * The layer rule of docs/architecture.md:
 *
 *   cli -> app -> { xmpp, store, http, config, telemetry } -> core
 *
 * test/check/layers.test.ts plants a violation of each rule and sees it reported.
 * The parser must be swc: TypeScript 7 has no JavaScript API, and without a parser that
 * reads .ts files dependency-cruiser finds no module at all and calls that a success.
 */
const adapters = ['xmpp', 'store', 'http', 'config', 'telemetry'];

const npm = ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg', 'npm-unknown'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      comment: 'Modules that need each other are one module, or miss a third.',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      comment: 'Nothing imports this module and it imports nothing.',
      from: { orphan: true, path: '^src/', pathNot: ['^src/main\\.ts$', '\\.d\\.ts$'] },
      to: {},
    },
    {
      name: 'not-to-unresolvable',
      severity: 'error',
      comment: 'The import leads nowhere.',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'not-to-dev-dependency',
      severity: 'error',
      comment: 'What ships must not need what is installed for development only.',
      // The boot file starts a writer thread from .ts sources, in tests only; dist has no such file.
      from: { path: '^src/', pathNot: '^src/store/thread/thread-boot\\.mjs$' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'core-is-pure',
      severity: 'error',
      comment: 'core imports nothing but core: no node:, no package, no adapter.',
      from: { path: '^src/core/' },
      to: { pathNot: '^src/core/' },
    },
    ...adapters.map((adapter) => ({
      name: `${adapter}-is-an-adapter`,
      severity: 'error',
      comment: 'An adapter knows core and itself: no other adapter, no app, no cli.',
      from: { path: `^src/${adapter}[/.]` },
      to: { path: '^src/', pathNot: [`^src/${adapter}[/.]`, '^src/core/'] },
    })),
    {
      name: 'app-is-below-cli',
      severity: 'error',
      comment: 'app wires the adapters together; the command line calls app.',
      from: { path: '^src/app/' },
      to: { path: ['^src/cli/', '^src/main\\.ts$'] },
    },
    {
      name: 'cli-has-no-logic',
      severity: 'error',
      comment: 'A command calls app; what it shows it gets from there.',
      from: { path: '^src/cli/' },
      to: { path: '^src/', pathNot: ['^src/cli/', '^src/app/'] },
    },
    {
      name: 'main-only-starts-cli',
      severity: 'error',
      comment: 'main.ts checks the version of Node and hands over.',
      from: { path: '^src/main\\.ts$' },
      to: { path: '^src/', pathNot: '^src/cli/' },
    },
    {
      name: 'xmpp-libraries-only-in-xmpp',
      severity: 'error',
      comment: '@xmpp/* and ltx have traps; one folder knows them.',
      from: { path: '^src/', pathNot: '^src/xmpp/' },
      to: { path: '(^|/)(@xmpp|ltx)(/|$)', dependencyTypes: npm },
    },
    {
      name: 'client-stands-alone',
      severity: 'error',
      comment: 'The client library runs on a sensor: itself, Node and @xmpp/client, nothing else.',
      from: { path: '^client/src/' },
      to: { pathNot: ['^client/src/', '(^|/)@xmpp/client(/|$)'], dependencyTypesNot: ['core'] },
    },
    {
      name: 'client-keeps-its-library-in-a-place',
      severity: 'error',
      comment: '@xmpp/client has traps; xmpp-stream.ts knows them, and element.ts builds elements.',
      from: { path: '^client/src/', pathNot: '^client/src/(xmpp-stream|element)\\.ts$' },
      to: { path: '(^|/)@xmpp(/|$)' },
    },
    {
      name: 'router-needs-no-client',
      severity: 'error',
      comment: 'The router and its client library share the protocol, and no code.',
      from: { path: '^src/' },
      to: { path: '^client/' },
    },
    {
      name: 'src-needs-no-tests',
      severity: 'error',
      comment: 'What runs does not reach into tests, bench, examples, scripts or the page for browsers.',
      from: { path: '^src/' },
      to: { path: '^(test|bench|examples|scripts|console)/' },
    },
  ],
  options: {
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^((client/)?dist|coverage|\\.build)/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.mjs', '.js', '.json', '.d.ts'],
    },
  },
};

import { defineConfig } from 'vite';

/**
 * The page is served from `/console/`, or from wherever a proxy puts that, so every path is relative.
 * Nothing is written into the page itself: the router forbids inline scripts and styles.
 */
export default defineConfig({
  root: import.meta.dirname,
  base: './',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: false,
    license: { fileName: 'licenses.md' },
  },
});

import { fileURLToPath } from 'node:url';
import preact from '@preact/preset-vite';
import { defineConfig } from 'vite';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

// Vite reads the default export.
export default defineConfig({
  root: here('.'),
  plugins: [preact()],
  build: { outDir: here('../../dist/ui'), emptyOutDir: true, modulePreload: { polyfill: false } },
});

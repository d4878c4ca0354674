import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the console into static files, which `latchkey console` serves and the construct `AdminConsole` uploads. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  logLevel: 'warn',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The content security policy doesn't allow scripts and styles in data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1500,
  },
});

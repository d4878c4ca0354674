import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The console as static files. `latchkey console` serves them, and the construct `AdminConsole` uploads them. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  logLevel: 'warn',
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    // The content security policy allows what is served from its own origin, and no data: URLs but images.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    license: { fileName: 'licenses.md' },
    chunkSizeWarningLimit: 1500,
  },
});

import { defineConfig } from 'vite';

// The Go server embeds ../dist and serves it under a strict content security policy: nothing may be inlined
// as a script, a style or a data URL.
export default defineConfig({
  build: {
    outDir: '../dist',
    emptyOutDir: false, // keeps .gitkeep; scripts/clean.mjs removes the rest
    target: ['chrome109', 'firefox115', 'safari15'],
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    manifest: 'manifest.json',
    reportCompressedSize: false,
  },
  server: {
    proxy: {
      '/api': 'http://127.0.0.1:8443',
      '/ws': { target: 'ws://127.0.0.1:8443', ws: true },
    },
  },
});

// Loads a module of src as the browser would see it, for node's own test runner.
import { createServer } from 'vite';

const server = await createServer({
  root: new URL('..', import.meta.url).pathname,
  appType: 'custom',
  logLevel: 'error',
  server: { middlewareMode: true, hmr: false, watch: null },
  optimizeDeps: { noDiscovery: true },
});
export const load = (path) => server.ssrLoadModule(path);
export const done = () => server.close();

#!/usr/bin/env node
import { createRequire } from 'node:module';

let ordeal;
try {
  ordeal = createRequire(import.meta.url)('../dist/bundle/ordeal.cjs');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND' || !error.message.includes('bundle/ordeal.cjs')) throw error;
  console.error('ordeal: this checkout has not been built yet\n  Run npm start, or npm ci && npm run build.');
  process.exit(1);
}
process.exit(await ordeal.main(process.argv.slice(2)));

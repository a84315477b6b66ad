#!/usr/bin/env node
let main;
try {
  ({ main } = await import('../dist/bundle/ordeal.mjs'));
} catch (error) {
  if (error.code !== 'ERR_MODULE_NOT_FOUND' || !error.message.includes('bundle/ordeal.mjs')) throw error;
  console.error('ordeal: this checkout has not been built yet\n  Run npm start, or npm ci && npm run build.');
  process.exit(1);
}
process.exit(await main(process.argv.slice(2)));

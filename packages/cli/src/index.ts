export { describeCommand } from './command-page.js';
export { ENVIRONMENT, EXIT_MEANINGS } from './exit-code.js';
export { main } from './main.js';
export { buildProgram } from './program.js';
export { renderManPage } from './render/man-page.js';
export { VERSION } from './version.js';

// A program for tests that recovers what was left, and says what it did.
import { recoverInjections } from '../recovery/recover-injections.js';

process.stdout.write(JSON.stringify(await recoverInjections(process.env.ORDEAL_RUN ?? '')));

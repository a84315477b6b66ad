/** Where journals are. ORDEAL_RUN is for tests that must not meet each other's journals. */
export const RUN_DIRECTORY = process.env.ORDEAL_RUN ?? '/run/ordeal';

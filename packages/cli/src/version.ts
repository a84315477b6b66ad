/** The version of Ordeal; a test compares it with package.json, which would cost a file to read at each start. */
export const VERSION = '0.1.0';

/** Set when the CLI is bundled: the commit, or an empty text. */
declare const ORDEAL_COMMIT: string;

/** The version and, where it is known, the commit. */
export const FULL_VERSION =
  typeof ORDEAL_COMMIT === 'string' && ORDEAL_COMMIT !== '' ? `${VERSION} (${ORDEAL_COMMIT})` : VERSION;

/**
 * The version of Ordeal. Not read from package.json, which would cost time at each start; a test compares the two.
 */
export const VERSION = '0.1.0';

/** Set when the CLI is bundled: the commit, or an empty text. */
declare const ORDEAL_COMMIT: string;

/** The version and, if known, the commit. */
export const FULL_VERSION =
  typeof ORDEAL_COMMIT === 'string' && ORDEAL_COMMIT !== '' ? `${VERSION} (${ORDEAL_COMMIT})` : VERSION;

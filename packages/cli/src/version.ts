/** The version of Ordeal; a test compares it with package.json, which would cost a file to read at each start. */
export const VERSION = '0.1.0';

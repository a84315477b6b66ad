// A reporter for node:test: its events as JSON lines, as far as test-results.mjs reads them. Tests may print other lines
// between these.
import { inspect } from 'node:util';

const READ = new Set(
  ['enqueue', 'dequeue', 'complete', 'pass', 'fail', 'stdout', 'stderr'].map((name) => `test:${name}`),
);

export default async function* events(source) {
  for await (const { type, data } of source) {
    if (READ.has(type)) yield `${JSON.stringify({ type, ...told(type, data) })}\n`;
  }
}

function told(type, { name, file, line, column, nesting, skip, todo, message, details }) {
  if (message !== undefined) return { file, message };
  const common = { name, file, nesting, id: `${file}:${line}:${column}:${nesting}:${name}` };
  if (type === 'test:pass') return { ...common, skip, todo, suite: details?.type === 'suite' };
  if (type !== 'test:fail') return common;
  const { error } = details;
  // Of a failed subtest its parent only says that there is one.
  if (error.failureType === 'subtestsFailed') return { ...common, repeated: true };
  return { ...common, todo, place: `${file}:${line}:${column}`, why: reason(error) };
}

function reason(error) {
  if (error.signal) return `ended by ${error.signal}`;
  if (error.exitCode !== undefined) return `exit code ${error.exitCode}`;
  const cause = error.cause instanceof Error ? error.cause : error;
  return inspect(cause, { depth: 20, maxArrayLength: 1000, maxStringLength: 50_000 });
}

import { isFailure } from './outcome.js';
import { groupSites, type SweptSite } from './summarise.js';
import type { SweepState } from './sweep-state.js';

/** The report as JUnit XML: a test case for each site, which fails for an unacceptable outcome. */
export function stateAsJunit({ subject, runs, elapsedMs }: SweepState): string {
  const sites = groupSites(runs);
  const failures = sites.filter((site) => isFailure(site.outcome)).length;
  const skipped = sites.filter((site) => site.outcome === 'not started').length;
  const times = new Map(runs.map((run) => [run.n, run.elapsedMs]));
  const counts = `tests="${sites.length}" failures="${failures}" errors="0" skipped="${skipped}" time="${seconds(elapsedMs)}"`;
  const name = `${subject.what} of ${subject.command.join(' ')}`;
  const cases = sites.map((site) => {
    const took = site.runs.reduce((sum, n) => sum + (times.get(n) ?? 0), 0);
    return testCase(site, subject.what, took);
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `<testsuite name="${escapeXml(name)}" ${counts}>`,
    ...cases,
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(site: SweptSite, what: string, elapsedMs: number): string {
  const { stack, outcome, example, runs } = site;
  const place = stack.length === 0 ? 'unknown stack' : stack.join(' < ');
  const open = `<testcase classname="${escapeXml(what)}" name="${escapeXml(place)}" time="${seconds(elapsedMs)}"`;
  if (outcome === 'not started') return `${open}><skipped message="${escapeXml(example.words)}"/></testcase>`;
  if (!isFailure(outcome)) return `${open}/>`;
  const text = [
    `run ${example.n}${example.thread === '' ? '' : ` in ${example.thread}`}: ${outcome}: ${example.words}`,
    `runs at this site: ${runs.join(', ')}`,
    ...example.kernelLog,
    ...example.lastLines,
  ];
  const message = `${outcome}: ${example.words}`;
  const body = text.map(escapeXml).join('\n');
  return `${open}><failure type="${escapeXml(outcome)}" message="${escapeXml(message)}">${body}</failure></testcase>`;
}

function seconds(elapsedMs: number): string {
  return (elapsedMs / 1000).toFixed(3);
}

/** Text for element content and attributes. What XML 1.0 cannot hold at all, escaped or not, becomes U+FFFD. */
export function escapeXml(text: string): string {
  return text
    .replace(/\p{Surrogate}/gu, '\ufffd')
    .replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g, '\ufffd')
    .replace(/[<>&"'\t\n\r]/g, (character) => `&#${character.charCodeAt(0)};`);
}

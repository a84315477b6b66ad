import { hostname } from 'node:os';
import { ProblemsError } from '@ordeal/diagnostics';
import type { RunTarget } from '@ordeal/supervisor';
import type { Check, Host, Template, Wanted } from '@ordeal/ui';
import { checkedSpec } from '../commands/detach.js';
import { explainAll } from '../commands/explain.js';
import { reportPage } from '../commands/report.js';
import { checkAll } from '../commands/validate.js';
import { targetChoice } from '../flags/target-flags.js';
import { HeldRuns } from '../host/held-runs.js';
import { type Incident, readIncidents } from '../host/incidents.js';
import { hasErrors, readText } from '../host/read-documents.js';
import { plain } from '../output/paint.js';
import { renderError } from '../render/error.js';
import { countProblems, renderProblems } from '../render/problems.js';
import { renderWhom } from './render-whom.js';
import { RunsOfHost } from './runs-of-host.js';

/** What the document of the page is called in problems. */
const FILE = 'document';
/** As a terminal of any width without colour. */
const CHANNEL = { paint: plain, wrapAt: Number.POSITIVE_INFINITY };

/** This host for its page: everything is done and said as the commands do and say it. */
export function pageHost(runDirectory: string): Host {
  const held = new HeldRuns(runDirectory);
  const runs = new RunsOfHost(runDirectory);
  return {
    name: hostname(),
    starting: {
      templates: readIncidents().map(templateOf),
      check,
      plan: (wanted) => plan(runDirectory, wanted),
      start: (wanted) => start(held, wanted),
    },
    change: async (change, name) => {
      await held.ask(change, { name });
    },
    report: (name) => reportPage(held, name),
    runs: () => runs.look(),
    errorText,
  };
}

async function check(document: string): Promise<Check> {
  const read = readText(document, FILE);
  const { problems } = await checkAll(read, undefined);
  const text = renderProblems(problems, read.sources, CHANNEL) + countProblems(problems);
  return { ok: !hasErrors(problems), text };
}

async function plan(runDirectory: string, { document, kind, target }: Wanted): Promise<string> {
  const read = withoutErrors(document);
  const choice = targetChoice({ [kind]: target }, undefined);
  // What a start would refuse.
  checkedSpec(read, choice as RunTarget, {});
  const { explanations, problems } = await explainAll(read, choice, { runDirectory });
  if (hasErrors(problems)) throw new ProblemsError(problems);
  return explanations.map((each) => renderWhom(each, `${kind} ${target}`)).join('\n');
}

async function start(held: HeldRuns, { document, kind, target }: Wanted): Promise<string> {
  const read = withoutErrors(document);
  const spec = checkedSpec(read, targetChoice({ [kind]: target }, undefined) as RunTarget, {});
  const started = await held.ask('start', { spec });
  return started?.run.name ?? spec.name;
}

/** @throws ProblemsError */
function withoutErrors(document: string) {
  const read = readText(document, FILE);
  if (hasErrors(read.problems)) throw new ProblemsError(read.problems);
  return read;
}

export function errorText(error: unknown): string {
  return renderError(error, CHANNEL, false)
    .trimEnd()
    .replace(/^ordeal: /, '');
}

function templateOf({ name, title, happens, seen, copes, document }: Incident): Template {
  const parts = [
    happens.replace(/^./, (letter) => letter.toUpperCase()),
    seen && `Seen: ${seen}`,
    copes && `A good program ${copes}`,
  ];
  return { name, title, description: parts.filter(Boolean).join(' '), document };
}

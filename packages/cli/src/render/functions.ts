import { FAULT_POINTS, type InjectableFunction } from '@ordeal/kernel-chaos';
import type { Paint } from '../output/paint.js';
import type { ListedFunction } from '../report/function-list.js';
import { renderTable } from './table.js';

/** One function per line, with a remark if it is a fault point or can be made to fail. */
export function renderFunctions(functions: readonly ListedFunction[], paint: Paint): string {
  return functions.map((each) => `${each.prototype}${remark(each, paint)}\n`).join('');
}

function remark({ failtype, injectable }: ListedFunction, paint: Paint): string {
  if (failtype !== undefined) {
    const what = FAULT_POINTS[failtype as 0 | 1 | 2].what;
    return `   ${paint('armed', `fault point of failtype ${failtype}, ${what}`)}`;
  }
  return injectable ? `   ${paint('aside', 'on the error injection list')}` : '';
}

/** Functions that may fail: how, what can make them, and their arguments. */
export function renderInjectable(functions: readonly InjectableFunction[]): string {
  return renderTable(
    functions.map(({ name, errorType, mechanisms, prototype }) => [
      prototype ?? name,
      errorType,
      mechanisms.join(', ') || 'cannot be hooked here',
    ]),
  );
}

/** Why a pattern found nothing, and similar names. */
export function renderNothingFound(
  pattern: string,
  {
    kernel,
    symbol,
    near,
  }: { readonly kernel: string; readonly symbol: boolean; readonly near: readonly string[] },
): string {
  const reason = symbol
    ? `${pattern} exists in ${kernel}, but has no type information: it cannot be a frame`
    : `no function of ${kernel} fits '${pattern}'`;
  return near.length === 0 ? `${reason}\n` : `${reason}\n  near: ${near.join(', ')}\n`;
}

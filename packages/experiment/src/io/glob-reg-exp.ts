import type { GlobToken } from './glob-tokens.js';

/**
 * The regular expression of a pattern. It must stay quick for any pattern and path, since it decides on every request
 * of a file system: of several stars in a component, each but the last takes the first match of the text after it and
 * never gives it back (`(?=(…))\1` is an atomic group). That loses nothing, because a later match would only leave
 * less for the next star.
 */
export function globRegExp(tokens: readonly GlobToken[]): RegExp {
  let source = '^';
  let groups = 0;
  for (let i = 0; i < tokens.length; ) {
    const token = tokens[i] as GlobToken;
    if (token.type !== 'star') {
      source += sourceOf(token);
      i++;
      continue;
    }
    const { until, star } = segmentAfter(tokens, i + 1);
    if (star) {
      groups++;
      const segment = tokens
        .slice(i + 1, until)
        .map(sourceOf)
        .join('');
      source += `(?=([^/]*?${segment}))\\${groups}`;
      i = until;
    } else {
      source += '[^/]*';
      i++;
    }
  }
  return new RegExp(`${source}$`, 'su');
}

/** Where the component's text after a star ends, and whether another star follows. */
function segmentAfter(
  tokens: readonly GlobToken[],
  from: number,
): { readonly until: number; readonly star: boolean } {
  let until = from;
  for (; until < tokens.length; until++) {
    const token = tokens[until] as GlobToken;
    if (token.type === 'star') return { until, star: true };
    if (token.type !== 'one' && (token.type !== 'literal' || token.text === '/')) break;
  }
  return { until, star: false };
}

function sourceOf(token: GlobToken): string {
  switch (token.type) {
    case 'literal':
      return /[\\^$.*+?()[\]{}|/]/.test(token.text) ? `\\${token.text}` : token.text;
    case 'one':
      return token.source;
    case 'star':
      return '[^/]*';
    case 'components':
      return '(?:[^/]*/)*';
    case 'rest':
      return '.*';
  }
}

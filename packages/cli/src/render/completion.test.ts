import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { Command, Option } from 'commander';
import { describeCommand } from '../command-page.js';
import { renderCompletion, SHELLS } from './completion.js';

function program(): Command {
  const tool = new Command('tool').helpCommand(false).option('-q, --quiet', "don't talk");
  tool
    .command('start')
    .summary('starts')
    .argument('<file...>')
    .addOption(new Option('--how <way>').choices(['slow', 'fast']));
  tool.command('lab').helpCommand(false).summary('rehearses').command('build').option('--flavour <line>');
  return tool;
}

/** What bash would offer with the cursor behind the last word. */
function offered(...words: string[]): string[] {
  const script = renderCompletion(describeCommand(program()), 'bash');
  const line = ['tool', ...words].map((word) => `'${word}'`).join(' ');
  const ask = `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _tool; printf '%s\\n' "\${COMPREPLY[@]}"`;
  const output = execFileSync('bash', ['--norc', '-c', ask], { encoding: 'utf8' });
  return output.split('\n').filter((word) => word !== '');
}

test('bash is offered commands, then the options of the command', () => {
  assert.deepEqual(offered(''), ['start', 'lab']);
  assert.deepEqual(offered('-'), ['-q', '--quiet', '-h', '--help']);
  assert.deepEqual(offered('-q', 'st'), ['start']);
  assert.deepEqual(offered('lab', ''), ['build']);
  assert.deepEqual(offered('lab', 'build', '--f'), ['--flavour']);
  assert.deepEqual(offered('start', '--h'), ['--how', '--help']);
});

test('bash is offered the choices of an option, and files where there is nothing to choose', () => {
  assert.deepEqual(offered('start', '--how', ''), ['slow', 'fast']);
  assert.deepEqual(offered('start', '--how', 'f'), ['fast']);
  assert.deepEqual(offered('start', ''), []);
});

test('fish gets a line for each command and option', () => {
  const lines = renderCompletion(describeCommand(program()), 'fish').split('\n');
  assert.ok(
    lines.includes("complete -c tool -f -n 'not __fish_seen_subcommand_from start lab' -a start -d 'starts'"),
  );
  assert.ok(
    lines.includes(
      "complete -c tool -n 'not __fish_seen_subcommand_from start lab' -s q -l quiet -d 'don\\'t talk'",
    ),
  );
  assert.ok(
    lines.includes(
      "complete -c tool -n '__fish_seen_subcommand_from start' -l how -r -f -a 'slow fast' -d ''",
    ),
  );
});

test('zsh takes the script of bash', () => {
  const page = describeCommand(program());
  assert.deepEqual(SHELLS, ['bash', 'zsh', 'fish']);
  assert.match(renderCompletion(page, 'zsh'), /^#compdef tool\nautoload -U \+X bashcompinit/);
  assert.ok(renderCompletion(page, 'zsh').endsWith(renderCompletion(page, 'bash')));
});

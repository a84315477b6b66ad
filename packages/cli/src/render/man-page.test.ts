import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Command } from 'commander';
import { describeCommand } from '../command-page.js';
import { examples } from '../program-parts.js';
import { renderManPage } from './man-page.js';

test('every command, option and example is in the manual, and nothing is taken for a request of troff', () => {
  const tool = new Command('tool').helpCommand(false).description('Does it.');
  const start = tool
    .command('start')
    .description('.begins with a dot')
    .argument('<file...>')
    .option('--dry-run', "'quoted'");
  examples(start, [['tool start a\\b', 'why not']]);
  const page = renderManPage(describeCommand(tool), '1.2', {
    exitCodes: [['0', 'done']],
    environment: [['NO_COLOR', 'no colour']],
  });
  assert.equal(
    page,
    `.TH TOOL 1 "" "tool 1.2" "User Commands"
.SH NAME
tool \\- does it
.SH SYNOPSIS
.B tool start
[options] <file...>
.br
.SH COMMANDS
.SS "tool start [options] <file...>"
\\&.begins with a dot
.TP
.B \\-\\-dry\\-run
\\&'quoted'
.TP
.B \\-h, \\-\\-help
display help for command
.PP
Examples:
.PP
.nf
.RS
# why not
tool start a\\eb
.RE
.fi
.SH EXIT STATUS
.TP
.B 0
done
.SH ENVIRONMENT
.TP
.B NO_COLOR
no colour
`,
  );
});

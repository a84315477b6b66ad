/** What only the page of a host has: runs with buttons, and the form. */
export const PAGE_STYLE = `
header { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; gap: 0 1rem; }
#plan { white-space: pre-wrap; overflow-wrap: anywhere; }
#connection, .counts, .hint { color: var(--soft); }
.run { border: 1px solid var(--line); border-radius: 6px; padding: .75rem 1rem; margin: .75rem 0; }
.run h3 { margin: 0; } .run .state { font-weight: 400; }
.state.active { color: var(--good); } .state.failed { color: var(--fault); } .state.paused, .state.waiting { color: var(--warn); }
.counts { font-variant-numeric: tabular-nums; white-space: pre-wrap; }
.buttons { display: flex; flex-wrap: wrap; gap: .5rem; align-items: center; margin: .75rem 0 0; }
button, .button { font: inherit; color: var(--act); background: var(--ground); border: 1px solid var(--act); border-radius: 4px;
  padding: .25rem .9rem; cursor: pointer; text-decoration: none; }
button.main { color: var(--ground); background: var(--act); }
button:disabled { color: var(--soft); background: var(--raised); border-color: var(--line); cursor: default; }
:focus-visible { outline: 2px solid var(--act); outline-offset: 2px; }
label { display: block; font-weight: 600; margin: .75rem 0 .25rem; }
select, input, textarea { color: var(--ink); background: var(--ground); border: 1px solid var(--soft); border-radius: 4px; padding: .4rem .5rem;
  max-width: 100%; }
select, input { font: inherit; }
textarea { width: 100%; min-height: 22rem; resize: vertical; tab-size: 2; }
.target { display: flex; flex-wrap: wrap; gap: 0 1rem; }
.refusal { color: var(--fault); white-space: pre-wrap; }
`;

/** The style of everything that is seen in a browser: light and dark, narrow and wide, readable without colour. */
export const STYLE = `
:root { color-scheme: light dark; --ink: #1a1d21; --soft: #575f68; --ground: #fff; --raised: #f4f5f7; --line: #cfd4da;
  --fault: #b42318; --good: #17643b; --warn: #8a4b00; --act: #0b57a4; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --soft: #a9b1ba; --ground: #14171a; --raised: #1e2226;
  --line: #3a4148; --fault: #ff8a7a; --good: #6fd39b; --warn: #f0b25e; --act: #7db8f5; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 66rem; padding: 1rem; background: var(--ground); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: .5rem 0; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h3 { font-size: 1rem; margin: 1rem 0 .25rem; overflow-wrap: anywhere; }
h4 { font-size: .875rem; margin: .5rem 0 0; color: var(--soft); }
p { margin: .25rem 0; }
pre, code, textarea, .mono { font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
pre { margin: .5rem 0; padding: .75rem; overflow-x: auto; background: var(--raised); border: 1px solid var(--line); border-radius: 4px; }
table { border-collapse: collapse; margin: .5rem 0; }
th, td { padding: .25rem 1rem .25rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
th { color: var(--soft); font-weight: 600; }
td { overflow-wrap: anywhere; white-space: pre-wrap; }
.scroll { overflow-x: auto; }
.ok { color: var(--good); } .failed { color: var(--fault); } .soft { color: var(--soft); }
tr.failed th { color: var(--fault); } .matrix th[scope=row] { min-width: 12rem; overflow-wrap: anywhere; }
.outcome { font-weight: 600; }
.chart { margin: .5rem 0 1rem; }
.chart figcaption, .scale { display: flex; justify-content: space-between; gap: 1rem; color: var(--soft); font-size: .875rem; margin: 0; }
.chart svg { display: block; width: 100%; height: 5rem; background: var(--raised); border-bottom: 1px solid var(--soft); }
.chart path { fill: var(--fault); }
`;

/** @module The stylesheet of the dashboard. */

export const style = `
:root {
  --page: #f5f6fa; --card: #fff; --text: #1c1d24; --quiet: #565a69; --line: #d5d8e1; --field: #787d8c;
  --accent: #4a3fd6; --accent-text: #fff; --accent-dark: #3a30b4; --soft: #eeecfd;
  --problem: #a8071a; --problem-page: #fdeeee; --good: #0b6b3a; --good-page: #e6f5ec; --code: #f1f2f7;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: 16px; line-height: 1.5;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121318; --card: #1c1e26; --text: #ecedf2; --quiet: #abafbe; --line: #343846; --field: #8d92a5;
    --accent: #9d94ff; --accent-text: #14121f; --accent-dark: #b9b2ff; --soft: #29263f;
    --problem: #ffb1b1; --problem-page: #3a1d22; --good: #8ce0b0; --good-page: #16301f; --code: #242732;
  }
}
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; display: flex; flex-direction: column; background: var(--page); color: var(--text); }
header { background: var(--card); border-bottom: 1px solid var(--line); }
.bar, nav ul, main, footer { width: 100%; max-width: 62rem; margin: 0 auto; padding: 0 1.25rem; }
.bar { display: flex; align-items: center; justify-content: space-between; gap: 1rem; min-height: 3.5rem; }
.brand { display: flex; flex-wrap: wrap; align-items: center; gap: .15rem .6rem; margin: 0; font-weight: 650; }
.brand code { font-weight: 400; }
.mark { width: .85rem; height: .85rem; border-radius: .25rem; background: var(--accent); transform: rotate(45deg); }
nav ul { display: flex; gap: .25rem; list-style: none; overflow-x: auto; }
nav a {
  display: block; padding: .6rem .75rem .7rem; color: var(--quiet); text-decoration: none; font-weight: 550;
  white-space: nowrap; border-bottom: 3px solid transparent;
}
nav li:first-child a { margin-left: -.75rem; }
nav a:hover { color: var(--text); }
nav a[aria-current] { color: var(--accent); border-bottom-color: var(--accent); }
nav a:focus-visible { outline-offset: -3px; }
main { flex: 1; padding-top: 2rem; padding-bottom: 3rem; outline: none; }
footer { padding: 1rem 1.25rem 1.5rem; font-size: .8rem; color: var(--quiet); }
.skip { position: absolute; left: -100vw; padding: .6rem 1rem; background: var(--card); }
.skip:focus { left: .5rem; top: .5rem; z-index: 1; }

h1 { margin: 0 0 .35rem; font-size: 1.65rem; line-height: 1.2; overflow-wrap: anywhere; }
h2 { margin: 0 0 .45rem; font-size: 1.1rem; overflow-wrap: anywhere; }
h3 { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
section + section { margin-top: 1.75rem; }
.card .head { margin-bottom: .75rem; }
p { margin: 0 0 .75rem; }
.lead, .hint, .quiet { color: var(--quiet); }
.lead { margin-bottom: 1.5rem; max-width: 44rem; }
.hint { margin: .3rem 0 0; font-size: .87rem; }
.head { display: flex; flex-wrap: wrap; justify-content: space-between; align-items: start; gap: 0 1.5rem; margin-bottom: 1.1rem; }
.head .lead { margin-bottom: .5rem; }
.back { display: inline-block; margin-bottom: .75rem; font-size: .9rem; }
a { color: var(--accent); font-weight: 550; text-underline-offset: .15em; }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .86em; overflow-wrap: anywhere; }
code { padding: .1em .35em; border-radius: .3rem; background: var(--code); }
pre { margin: .75rem 0 0; padding: .8rem; border-radius: .45rem; background: var(--code); white-space: pre-wrap; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }

.card { margin: 0 0 1.25rem; padding: 1.35rem 1.5rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); }
.card > :last-child { margin-bottom: 0; }
.empty { padding: 2.5rem 1.5rem; text-align: center; color: var(--quiet); }
.done, .problem { margin: 0 0 1.25rem; padding: .7rem .95rem; border-radius: .45rem; overflow-wrap: anywhere; }
.done { color: var(--good); background: var(--good-page); }
.problem { color: var(--problem); background: var(--problem-page); }
.field .problem { margin: .4rem 0 0; padding: .45rem .7rem; font-size: .9rem; }

.rows { margin: 0 0 1.25rem; padding: 0; list-style: none; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); overflow: hidden; }
.rows > li + li { border-top: 1px solid var(--line); }
.row { display: flex; align-items: center; gap: .4rem 1rem; padding: .85rem 1.25rem; }
.row > :first-child { flex: 1; min-width: 0; overflow-wrap: anywhere; }
a.row { color: inherit; font-weight: 400; text-decoration: none; }
a.row:hover strong { color: var(--accent); text-decoration: underline; }
a.row:focus-visible { outline-offset: -3px; }
.row strong { font-weight: 650; }
.row small { display: block; color: var(--quiet); font-size: .87rem; }
.tag { display: inline-block; padding: .1rem .55rem; border-radius: 1rem; font-size: .8rem; font-weight: 600; white-space: nowrap; color: var(--quiet); background: var(--code); }
.tag.on { color: var(--good); background: var(--good-page); }
.tag.off { color: var(--problem); background: var(--problem-page); }
.tags { display: flex; flex-wrap: wrap; justify-content: end; gap: .35rem; }

.field { margin: 0 0 1.15rem; }
label { display: block; margin: 0 0 .3rem; font-size: .92rem; font-weight: 600; }
input:not([type=hidden], [type=checkbox]), textarea, select {
  width: 100%; padding: .6rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--field); border-radius: .4rem;
}
textarea { display: block; min-height: 5rem; font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .86rem; line-height: 1.5; resize: vertical; field-sizing: content; max-height: 30rem; }
[aria-invalid=true]:not([type=hidden], [type=checkbox]) { border-color: var(--problem); }
::placeholder { color: var(--quiet); opacity: .75; }
.check { display: flex; align-items: start; gap: .6rem; }
.check input { flex: none; width: 1.15rem; height: 1.15rem; margin: .15rem 0 0; accent-color: var(--accent); }
.check label { margin: 0; }
.search { display: flex; flex-wrap: wrap; gap: .6rem; margin: 0 0 1.25rem; align-items: end; }
.search > div { flex: 1 1 14rem; }

button, .button {
  display: inline-flex; align-items: center; justify-content: center; min-height: 2.75rem; padding: .5rem 1.1rem;
  font: inherit; font-weight: 600; text-decoration: none; border-radius: .4rem; cursor: pointer;
  color: inherit; background: transparent; border: 1px solid var(--field);
}
button:hover, .button:hover { background: color-mix(in srgb, var(--line) 35%, transparent); }
.primary { color: var(--accent-text); background: var(--accent); border-color: var(--accent); }
.primary:hover { background: var(--accent-dark); }
.danger { color: var(--problem); border-color: currentColor; }
.plain { min-height: 2.25rem; white-space: nowrap; padding: .25rem .75rem; border-color: transparent; color: var(--quiet); }
.actions { display: flex; flex-wrap: wrap; gap: .75rem; align-items: center; }
.choices { display: grid; grid-template-columns: repeat(auto-fill, minmax(14rem, 1fr)); gap: 1rem; margin: 0; padding: 0; list-style: none; }
.choices a { display: block; height: 100%; padding: 1.1rem 1.25rem; border: 1px solid var(--line); border-radius: .7rem; background: var(--card); color: inherit; text-decoration: none; }
.choices a:hover { border-color: var(--accent); }
.choices strong { display: block; }

.switch { margin: 0; flex: none; }
.switch button { position: relative; width: 3.1rem; min-height: 1.75rem; padding: 0; border: 2px solid var(--field); border-radius: 1rem; background: transparent; }
.switch button::after { content: ""; position: absolute; inset: -.55rem; }
.switch span { position: absolute; left: .22rem; top: .2rem; width: 1.1rem; height: 1.1rem; border-radius: 50%; background: var(--field); transition: left .12s; }
.switch [aria-checked=true] { background: var(--accent); border-color: var(--accent); }
.switch [aria-checked=true] span { left: 1.55rem; background: var(--accent-text); }
@media (prefers-reduced-motion: reduce) { .switch span { transition: none; } }

dl { display: grid; grid-template-columns: minmax(9rem, max-content) 1fr; gap: .35rem 1.25rem; margin: 0; }
dt { color: var(--quiet); }
dd { margin: 0; overflow-wrap: anywhere; }

.event { padding: 0; }
.event summary { display: grid; grid-template-columns: 5.4rem 1fr max-content; gap: .1rem .9rem; align-items: baseline; padding: .6rem 1.25rem; cursor: pointer; list-style: none; }
.event summary::-webkit-details-marker { display: none; }
.event summary:hover { background: color-mix(in srgb, var(--line) 22%, transparent); }
.event summary:focus-visible { outline-offset: -3px; }
.event time { color: var(--quiet); font-variant-numeric: tabular-nums; font-size: .87rem; }
.event .what { min-width: 0; overflow-wrap: anywhere; }
.event .who { grid-column: 2 / -1; color: var(--quiet); font-size: .85rem; overflow-wrap: anywhere; }
.event .more { padding: .25rem 1.25rem 1.1rem; }
.why { margin: 0 0 .5rem; padding: .8rem 1rem; border-left: 4px solid var(--problem); border-radius: .3rem; background: var(--problem-page); }
.why h3 { margin: 0 0 .25rem; font-size: .95rem; color: var(--problem); }
.why p { margin: 0 0 .3rem; } .why p:last-child { margin: 0; }
.live { display: inline-flex; align-items: center; gap: .45rem; margin: 0; color: var(--quiet); font-size: .9rem; }
.live::before { content: ""; width: .6rem; height: .6rem; border-radius: 50%; background: var(--field); }
.live[data-state=on]::before { background: var(--good); }

@media (max-width: 40rem) {
  .bar, nav ul, main, footer { padding-left: 1rem; padding-right: 1rem; }
  main { padding-top: 1.35rem; }
  nav a { padding-left: .55rem; padding-right: .55rem; }
  nav li:first-child a { margin-left: -.55rem; }
  nav .wide { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  .card { padding: 1.1rem 1rem; }
  .row { padding: .8rem 1rem; }
  a.row { flex-wrap: wrap; } a.row > :first-child { flex: 1 1 100%; } .tags { justify-content: start; }
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .7rem; }
  .event summary { grid-template-columns: 1fr max-content; padding: .6rem 1rem; }
  .event .what { grid-column: 1 / -1; grid-row: 2; } .event .who { grid-column: 1 / -1; }
  .event .more { padding: .25rem 1rem 1rem; }
}
`;

/** @module The stylesheet of the pages. */

export const style = `
:root {
  --page: #f3f4f8; --card: #fff; --text: #1c1d24; --quiet: #5b5f6e; --line: #c9ccd6; --field: #787d8c;
  --accent: #4a3fd6; --accent-text: #fff; --accent-dark: #3a30b4; --problem: #a8071a; --problem-page: #fdeeee;
  font-family: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-size: 16px; line-height: 1.45;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #121318; --card: #1c1e26; --text: #ecedf2; --quiet: #a7abba; --line: #444857; --field: #8d92a5;
    --accent: #9d94ff; --accent-text: #14121f; --accent-dark: #b9b2ff; --problem: #ffb1b1; --problem-page: #3a1d22;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; min-height: 100vh; display: flex; flex-direction: column; align-items: center; justify-content: center;
  gap: 1rem; padding: 1.5rem 1rem; background: var(--page); color: var(--text);
}
.card {
  width: 100%; max-width: 25rem; padding: 2.25rem 2rem; border-radius: .75rem; background: var(--card);
  border: 1px solid color-mix(in srgb, var(--line) 55%, transparent); box-shadow: 0 10px 30px rgb(0 0 0 / 8%);
}
.card > :last-child { margin-bottom: 0; }
h1, .lead { text-wrap: balance; }
h1 { margin: 0 0 .6rem; font-size: 1.5rem; line-height: 1.2; text-align: center; overflow-wrap: anywhere; }
.lead { margin: 0 0 1.5rem; text-align: center; color: var(--quiet); overflow-wrap: anywhere; }
.lead strong { color: var(--text); }
form { margin: 0 0 .75rem; }
label { display: block; margin: 0 0 .3rem; font-size: .9rem; font-weight: 600; }
input:not([type=hidden]) {
  display: block; width: 100%; margin: 0 0 1rem; padding: .7rem .8rem; font: inherit; color: inherit;
  background: transparent; border: 1px solid var(--field); border-radius: .4rem;
}
button {
  display: flex; align-items: center; justify-content: center; gap: .6rem; width: 100%; min-height: 2.9rem;
  padding: .6rem .5rem; font: inherit; font-weight: 600; text-wrap: balance; border-radius: .4rem; cursor: pointer;
}
.primary { color: var(--accent-text); background: var(--accent); border: 1px solid var(--accent); }
.primary:hover { background: var(--accent-dark); }
.social, .secondary { color: inherit; background: transparent; border: 1px solid var(--field); }
.secondary { margin-top: .6rem; }
.social:hover, .secondary:hover { background: color-mix(in srgb, var(--line) 25%, transparent); }
a { color: var(--accent); font-weight: 600; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.switch, .code { margin: 1rem 0 0; text-align: center; font-size: .9rem; color: var(--quiet); }
.or { display: flex; align-items: center; gap: .75rem; margin: 1.25rem 0; color: var(--quiet); font-size: .85rem; }
.or::before, .or::after { content: ""; flex: 1; height: 1px; background: var(--line); }
.problem {
  margin: 0 0 1rem; padding: .7rem .8rem; border-radius: .4rem; overflow-wrap: anywhere;
  color: var(--problem); background: var(--problem-page); font-size: .92rem;
}
.problem ul { margin: .3rem 0 0; padding-left: 1.1rem; }
.permissions { margin: 0 0 1.5rem; padding: 0; list-style: none; }
.permissions li { display: flex; padding: .6rem 0; border-bottom: 1px solid color-mix(in srgb, var(--line) 60%, transparent); }
h1 + .problem { margin-top: 1.2rem; }
.permissions li::before { content: "✓"; margin-right: .6rem; color: var(--accent); font-weight: 700; }
footer { font-size: .8rem; color: var(--quiet); }
@media (max-width: 26rem) { .card { padding: 1.75rem 1.25rem; } }
`;

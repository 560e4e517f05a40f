/** @module The page of the GitHub stand-in on which a person chooses an account. */

/** Its accounts. Whoever is at the browser chooses; there are no passwords. */
export const standInUsers = [
  { id: 583231, login: "octocat", name: "The Octocat", email: "octocat@github.example" },
  { id: 1024025, login: "hubot", name: "Hubot", email: "hubot@github.example" },
] as const;

/** Works without scripts; the parameters come back with the form. */
export function authorizePage(params: URLSearchParams): string {
  const hidden = ["client_id", "redirect_uri", "state", "scope"].map(
    (name) => `<input type="hidden" name="${name}" value="${escaped(params.get(name) ?? "")}">`,
  );
  const scopes = (params.get("scope") ?? "").split(/[\s,]+/).filter((scope) => scope !== "");
  const asked = scopes.length === 0 ? "public information only" : scopes.join(", ");
  const hint = params.get("login");
  const users = standInUsers.toSorted(
    (a, b) => Number(b.login === hint) - Number(a.login === hint),
  );
  const buttons = users.map(
    ({ login, name }, at) =>
      `<button name="login" value="${login}" ${at === 0 ? "autofocus" : ""}>Authorize as ${login} (${name})</button>`,
  );
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>GitHub stand-in</title><link rel="icon" href="data:,"><style>
:root { font-family: system-ui, sans-serif; line-height: 1.5; --page: #f6f8fa; --card: #fff; --text: #1f2328; --quiet: #59636e; --line: #d1d9e0; --go: #1a7f37; --go-text: #fff; }
@media (prefers-color-scheme: dark) { :root { --page: #0d1117; --card: #151b23; --text: #f0f6fc; --quiet: #9198a1; --line: #3d444d; --go: #3fb950; --go-text: #04260f; } }
body { margin: 0; min-height: 100vh; display: grid; place-content: center; padding: 1rem; background: var(--page); color: var(--text); }
main { box-sizing: border-box; width: min(26rem, calc(100vw - 2rem)); padding: 1.75rem; border: 1px solid var(--line); border-radius: .6rem; background: var(--card); overflow-wrap: anywhere; }
h1 { margin: 0 0 .5rem; font-size: 1.35rem; } p { margin: 0 0 1rem; color: var(--quiet); }
button { display: block; width: 100%; min-height: 2.75rem; margin: .6rem 0 0; font: inherit; font-weight: 600; border-radius: .4rem; border: 1px solid var(--quiet); background: transparent; color: inherit; cursor: pointer; }
button[value]:not([value=""]) { background: var(--go); border-color: var(--go); color: var(--go-text); }
:focus-visible { outline: 3px solid var(--go); outline-offset: 2px; }
</style></head><body><main><h1>GitHub stand-in</h1>
<p>On this machine, for development: not GitHub. The application asks for ${escaped(asked)}.</p>
<form method="post" action="/login/oauth/authorize">${hidden.join("")}
${buttons.join("\n")}
<button name="login" value="">Cancel</button></form></main></body></html>`;
}

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

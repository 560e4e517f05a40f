/** @module The pages a person sees: sign-in, consent, error. Plain HTML, escaped, no script. */
import { createHash } from "node:crypto";
import { html, raw } from "hono/html";
import { demoPassword, demoUsers } from "./seed.ts";

/** What `html` gives: text in which every value is escaped. */
export type Page = ReturnType<typeof html>;

export interface LoginPageOptions {
  readonly uid: string;
  readonly csrf: string;
  readonly clientName: string;
  /** What was typed before, or what the client proposed. */
  readonly email?: string;
  readonly problem?: string;
}

export interface ConsentPageOptions {
  readonly uid: string;
  readonly csrf: string;
  readonly clientName: string;
  /** Where the person goes after the answer. */
  readonly clientHost: string;
  readonly email: string;
  /** What is asked for, in plain words. */
  readonly permissions: readonly string[];
}

const style = `
:root { color-scheme: light dark; --line: #c3c9d4; --paper: #fff; --ground: #f3f5f9; --ink: #1b2330;
  --soft: #57617a; --accent: #1f4fd8; --on-accent: #fff; --wrong: #b3261e }
@media (prefers-color-scheme: dark) { :root { --line: #47506a; --paper: #1c2230; --ground: #12161f;
  --ink: #eef1f7; --soft: #a9b3c9; --accent: #8fb0ff; --on-accent: #0d1424; --wrong: #ff9d94 } }
* { box-sizing: border-box }
body { margin: 0; min-height: 100vh; display: grid; place-items: center; padding: 1rem;
  background: var(--ground); color: var(--ink); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 26rem; background: var(--paper); border: 1px solid var(--line);
  border-radius: .75rem; padding: 1.75rem }
h1 { font-size: 1.35rem; line-height: 1.3; margin: 0 0 .75rem }
main > :last-child, section > :last-child { margin-bottom: 0 }
h1 { text-wrap: balance } p { margin: 0 0 1rem } ul { margin: 0 0 1.25rem; padding-left: 1.25rem }
label { display: block; font-weight: 600; margin: 0 0 .25rem }
input { width: 100%; font: inherit; padding: .6rem .7rem; margin: 0 0 1rem; color: inherit;
  background: transparent; border: 1px solid var(--soft); border-radius: .4rem }
button { font: inherit; font-weight: 600; padding: .65rem 1rem; border-radius: .4rem; cursor: pointer;
  border: 1px solid var(--accent); background: var(--accent); color: var(--on-accent) }
button.plain { background: transparent; color: var(--accent) }
button.link { border: 0; padding: .25rem 0; background: transparent; color: var(--accent);
  text-decoration: underline }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
form.wide button { width: 100% } .choices { display: flex; gap: .75rem } .choices button { flex: 1 }
.soft { color: var(--soft); font-size: .9rem } .wrong { color: var(--wrong); font-weight: 600 }
section { border-top: 1px solid var(--line); margin-top: 1.5rem; padding-top: 1rem }
code { font-size: .95em; overflow-wrap: anywhere } h2 { font-size: .95rem; margin: 0 0 .5rem }
`;

const styleHash = createHash("sha256").update(style).digest("base64");

/**
 * Headers of every page. `form-action` also governs where a form's answer may redirect to, and the
 * way goes on from the tenant to the application: any https place, or loopback for a command line.
 */
export const pageHeaders = {
  "Content-Security-Policy": [
    "default-src 'none'",
    `style-src 'sha256-${styleHash}'`,
    "form-action 'self' https: http://localhost:* http://127.0.0.1:*",
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join("; "),
  "X-Frame-Options": "DENY",
  "X-Content-Type-Options": "nosniff",
  // Not "no-referrer": that makes browsers send "Origin: null" with our own forms.
  "Referrer-Policy": "same-origin",
  "Cache-Control": "no-store",
};

export function loginPage(options: LoginPageOptions): Page {
  const { uid, csrf, clientName, email = "", problem } = options;
  const described =
    problem === undefined ? "" : raw('aria-invalid="true" aria-describedby="problem"');
  return layout(
    "Sign in to Acme Helpdesk",
    html`<p>to continue to <strong>${clientName}</strong></p>
${problem === undefined ? "" : html`<p class="wrong" id="problem" role="alert">${problem}</p>`}
<form class="wide" method="post" action="/interaction/${uid}/login">
<input type="hidden" name="csrf" value="${csrf}">
<label for="email">E-mail</label>
<input id="email" name="email" type="email" autocomplete="username" required ${described}
  maxlength="254" value="${email}" ${email === "" ? raw("autofocus") : ""}>
<label for="password">Password</label>
<input id="password" name="password" type="password" autocomplete="current-password" required
  maxlength="256" ${described} ${email === "" ? "" : raw("autofocus")}>
<button type="submit">Sign in</button>
</form>
<section aria-labelledby="demo"><h2 id="demo">Demo accounts</h2>
<ul>${demoUsers.map((user) => html`<li><code>${user.email}</code></li>`)}</ul>
<p class="soft">Password of all three: <code>${demoPassword}</code></p></section>`,
  );
}

export function consentPage(options: ConsentPageOptions): Page {
  const { uid, csrf, clientName, clientHost, email, permissions } = options;
  return layout(
    `Allow ${clientName} to use your helpdesk account?`,
    html`<p>You are signed in as <strong>${email}</strong>. <strong>${clientName}</strong>
(<code>${clientHost}</code>) wants to:</p>
<ul>${permissions.map((permission) => html`<li>${permission}</li>`)}</ul>
<p class="soft">It keeps this access, also while you are away, until it is removed.</p>
<form method="post" action="/interaction/${uid}/consent">
<input type="hidden" name="csrf" value="${csrf}">
<div class="choices">
<button type="submit" name="decision" value="allow">Allow</button>
<button type="submit" name="decision" value="deny" class="plain">Deny</button>
</div></form>
<section><form method="post" action="/interaction/${uid}/switch">
<input type="hidden" name="csrf" value="${csrf}">
<button type="submit" class="link">Use another account</button></form></section>`,
  );
}

/** @param detail A sentence, or the OAuth error to show. */
export function errorPage(
  title: string,
  detail: string | { error: string; error_description?: string | undefined },
): Page {
  return layout(
    title,
    typeof detail === "string"
      ? html`<p>${detail}</p>`
      : html`<p>Go back to the application that sent you here. If this comes again, tell whoever runs it:</p>
<p class="soft"><code>${detail.error}</code>: ${detail.error_description ?? "the request is not valid"}</p>`,
  );
}

function layout(title: string, body: Page): Page {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<style>${raw(style)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`;
}

/** @module The sign-up page. */
import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";
import { type LoginPage, socialForm } from "./login-page.ts";

export interface SignupPage extends LoginPage {
  /** What the password lacks. */
  readonly passwordProblems?: readonly string[];
}

export function signupPage(page: SignupPage): Markup {
  const { login, connections } = page;
  const problems = page.passwordProblems ?? [];
  const refused = page.problem === undefined ? "" : html`aria-describedby="problem"`;
  const invalid = html`aria-invalid="true" autofocus`;
  return layout(
    `Sign up for ${page.application}`,
    html`<h1>Create an account</h1>
      <p class="lead">Sign up to continue to <strong>${page.application}</strong>.</p>
      ${page.problem === undefined ? "" : html`<p class="problem" id="problem" role="alert">${page.problem}</p>`}
      <form method="post" action="/u/signup">
        <input type="hidden" name="state" value="${login.id}">
        <input type="hidden" name="form_token" value="${login.formToken}">
        <label for="email">Email address</label>
        <input id="email" name="email" type="email" autocomplete="username" inputmode="email"
          autocapitalize="none" spellcheck="false" required
          value="${page.email ?? login.request.loginHint ?? ""}" ${refused} ${problems.length > 0 ? "" : "autofocus"}>
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="new-password" required
          aria-describedby="password-rules" ${problems.length > 0 ? invalid : ""}>
        <div id="password-rules">
          ${
            problems.length === 0
              ? ""
              : html`<div class="problem" role="alert">Your password must contain:
                  <ul>${problems.map((problem) => html`<li>${problem}</li>`)}</ul></div>`
          }
        </div>
        <button type="submit" class="primary">Continue</button>
      </form>
      <p class="switch">Already have an account? <a href="/u/login?state=${login.id}">Sign in</a></p>
      ${connections.social.length > 0 ? html`<p class="or"><span>or</span></p>` : ""}
      ${connections.social.map((connection) => socialForm(login, connection))}`,
  );
}

/** @module The page that posts an answer to the app (response_mode=form_post). */
import { html } from "hono/html";
import { layout, type Markup } from "./layout.ts";

/** Sends the form of its page; the button is for browsers without scripts. */
export const submitScript = "document.forms[0].submit();\n";

/**
 * The only page with a script: a file of this tenant, as the policy of all pages allows no inline one.
 *
 * @see [OAuth 2.0 Form Post Response Mode](https://openid.net/specs/oauth-v2-form-post-response-mode-1_0.html)
 */
export function formPostPage(action: string, params: Readonly<Record<string, string>>): Markup {
  return layout(
    "Continue",
    html`<h1>Almost there</h1>
      <form method="post" action="${action}">
        ${Object.entries(params).map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`)}
        <button type="submit" class="primary" autofocus>Continue</button>
      </form>
      <script src="/u/submit.js" defer></script>`,
  );
}

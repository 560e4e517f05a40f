/** @module The form of a custom OAuth2 connection: its fields, and the request that they make. */
import type { Params } from "../authentication/body-params.ts";
import type { ConnectionOptions, ConnectionRow } from "../models/connection.ts";

/** One field; `name` is the property's path in the request, which refusals name too. */
export interface FormField {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly kind: "text" | "url" | "secret" | "script" | "switch" | "headers";
  /** Sent even when it is empty, so that the tenant says what it wants. */
  readonly required?: boolean;
  readonly placeholder?: string;
}

/** Of the connection itself. */
export const nameField: FormField = {
  name: "name",
  label: "Name",
  hint: "Letters, digits and single dashes. Apps and tvk connect use it; it can't be changed later.",
  kind: "text",
  required: true,
  placeholder: "acme-helpdesk",
};

export const displayNameField: FormField = {
  name: "display_name",
  label: "Display name",
  hint: "What the button says after “Continue with”. Default: the name.",
  kind: "text",
};

/** Of the options of a built-in strategy: the rest is the strategy's. */
const builtInFields: readonly FormField[] = [
  {
    name: "options.client_id",
    label: "Client ID",
    hint: "Of your own application at the provider.",
    kind: "text",
    required: true,
  },
  { name: "options.client_secret", label: "Client secret", kind: "secret" },
];

/** Of the options of a custom one, in the order of Auth0's own form. */
const customFields: readonly FormField[] = [
  {
    name: "options.authorizationURL",
    label: "Authorization URL",
    kind: "url",
    required: true,
    placeholder: "https://api.example.com/authorize",
  },
  {
    name: "options.tokenURL",
    label: "Token URL",
    kind: "url",
    required: true,
    placeholder: "https://api.example.com/token",
  },
  {
    name: "options.scope",
    label: "Scope",
    hint: "As the provider wants it, usually with spaces between.",
    kind: "text",
    placeholder: "openid profile read:tickets",
  },
  {
    name: "options.client_id",
    label: "Client ID",
    hint: "What the provider knows this tenant as.",
    kind: "text",
    required: true,
  },
  { name: "options.client_secret", label: "Client secret", kind: "secret" },
  {
    name: "options.scripts.fetchUserProfile",
    label: "Fetch user profile script",
    hint: "Runs in a sandbox; the profile needs a user_id.",
    kind: "script",
  },
  {
    name: "options.customHeaders",
    label: "Custom headers",
    hint: "A JSON object; sent to the token URL only.",
    kind: "headers",
    placeholder: '{ "x-tenant": "acme" }',
  },
  { name: "options.pkce_enabled", label: "Use PKCE with the provider", kind: "switch" },
  {
    name: "options.useOauthSpecScope",
    label: "Separate added scopes with a space instead of a comma",
    kind: "switch",
  },
];

export function optionFields(strategy: string): readonly FormField[] {
  return strategy === "oauth2" ? customFields : builtInFields;
}

/** What a new form starts with: the script that most providers need. */
export const scriptTemplate = `function fetchUserProfile(accessToken, context, callback) {
  request.get(
    {
      url: "https://api.example.com/userinfo",
      headers: { Authorization: "Bearer " + accessToken },
      json: true,
    },
    function (error, response, body) {
      if (error) return callback(error);
      callback(null, { user_id: body.sub, email: body.email, name: body.name });
    }
  );
}
`;

/** Body of POST /connections. Text that is left empty is not sent, unless the field is required. */
export function createBody(strategy: string, form: Params): Record<string, unknown> {
  const name = form[nameField.name] ?? "";
  const displayName = form[displayNameField.name];
  return {
    name,
    strategy,
    ...(displayName === undefined ? {} : { display_name: displayName }),
    ...(form["connected_accounts"] === undefined ? {} : { connected_accounts: { active: true } }),
    options: withFields(strategy, {}, form),
  };
}

/**
 * Body of PATCH /connections/{id}, which replaces the options wholly: those without a field here are sent
 * as they are, and a secret that is not typed anew stays.
 */
export function updateBody(connection: ConnectionRow, form: Params): Record<string, unknown> {
  const displayName = form[displayNameField.name];
  return {
    ...(displayName === undefined ? {} : { display_name: displayName }),
    options: withFields(connection.strategy, connection.options, form),
  };
}

/** The connection's values as the form shows them; never the secret. */
export function shownValues(connection: ConnectionRow): Params {
  const { options } = connection;
  const values: Record<string, string> = {};
  const displayName = connection.display_name;
  if (displayName !== undefined) values[displayNameField.name] = displayName;
  for (const { name, kind } of optionFields(connection.strategy)) {
    const value = read(options, name);
    if (value === undefined || value === null || value === false || kind === "secret") continue;
    values[name] = shown(value);
  }
  return values;
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return value.join(" ");
  return typeof value === "object" ? JSON.stringify(value, null, 2) : String(value);
}

function withFields(
  strategy: string,
  kept: ConnectionOptions,
  form: Params,
): Record<string, unknown> {
  const options: Record<string, unknown> = { ...kept };
  for (const { name, kind, required } of optionFields(strategy)) {
    const [, key = "", inner] = name.split(".");
    const text = form[name];
    if (kind === "switch") {
      if (text !== undefined) options[key] = true;
      else if (key in options) options[key] = false;
    } else if (kind === "secret") {
      if (text !== undefined) options[key] = text;
    } else if (inner !== undefined) {
      const others = { ...(kept[key] as Record<string, unknown> | undefined) };
      delete others[inner];
      const next = text === undefined ? others : { ...others, [inner]: lines(text) };
      if (Object.keys(next).length > 0) options[key] = next;
      else delete options[key];
    } else if (text !== undefined) options[key] = kind === "headers" ? parsed(text) : text;
    else if (required === true) options[key] = "";
    else delete options[key];
  }
  // A list stays a list while it says the same.
  if (
    strategy === "oauth2" &&
    Array.isArray(kept.scope) &&
    kept.scope.join(" ") === options["scope"]
  ) {
    options["scope"] = kept.scope;
  }
  return options;
}

/** Text that is no JSON goes as text: the API says what it wants. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** A browser sends line ends as CRLF (HTML, form submission). */
function lines(text: string): string {
  return text.replaceAll("\r\n", "\n");
}

function read(options: ConnectionOptions, name: string): unknown {
  const [, key = "", inner] = name.split(".");
  const value = options[key];
  if (inner === undefined) return value;
  return (value as Record<string, unknown> | undefined)?.[inner];
}

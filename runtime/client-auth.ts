/** @module How the client proves itself at the token endpoint, as a value made by a factory. */

/**
 * Adds the client's proof to a token request: to the form, or to the headers.
 *
 * @param request `audience` is the tenant's issuer, which a signed assertion names.
 */
export type ClientAuth = (request: {
  clientId: string;
  form: URLSearchParams;
  headers: Headers;
  audience: string;
}) => void | Promise<void>;

/**
 * Sends the client secret in the form (`client_secret_post`).
 *
 * @throws {TypeError} The secret is empty.
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export function ClientSecretPost(secret: string): ClientAuth {
  checkSecret(secret);
  return ({ clientId, form }) => {
    form.set("client_id", clientId);
    form.set("client_secret", secret);
  };
}

/**
 * Sends client id and secret in the Authorization header (`client_secret_basic`), both form-encoded.
 *
 * @throws {TypeError} The secret is empty.
 * @see [RFC 6749 section 2.3.1](https://www.rfc-editor.org/rfc/rfc6749#section-2.3.1)
 */
export function ClientSecretBasic(secret: string): ClientAuth {
  checkSecret(secret);
  return ({ clientId, headers }) => {
    headers.set("authorization", `Basic ${btoa(`${formEncode(clientId)}:${formEncode(secret)}`)}`);
  };
}

function checkSecret(secret: string) {
  if (!secret) throw new TypeError('"clientSecret" must not be empty');
}

function formEncode(text: string) {
  return new URLSearchParams({ "": text }).toString().slice(1);
}

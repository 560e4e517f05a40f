import { Auth0Client } from "@auth0/nextjs-auth0/server";

/** Domain, client and base URL come from the environment, as the quickstart has it. */
export const auth0 = new Auth0Client({
  authorizationParameters: { scope: "openid profile email offline_access" },
  enableConnectAccountEndpoint: true,
  // Without it a domain on this machine is refused; all requests are HTTPS all the same.
  allowInsecureRequests: true,
});

import { auth0 } from "../../lib/auth0.js";

/** Who the user is at the connected provider, asked with the token from the vault. */
export async function GET() {
  try {
    const { token } = await auth0.getAccessTokenForConnection({ connection: "acme-helpdesk" });
    const headers = { authorization: `Bearer ${token}` };
    const response = await fetch(`${process.env.PROVIDER_URL}/me`, { headers });
    return Response.json(await response.json());
  } catch (error) {
    return Response.json({ code: error.code, cause: error.cause?.code }, { status: 409 });
  }
}

/** @module The answer of the grants that are about a user's login: code and refresh token. */
import type { TenantContext } from "../../context.ts";
import type { ClientRow } from "../../models/client.ts";
import type { UserRow } from "../../models/user.ts";
import { issueAccessToken } from "../access-token.ts";
import { issueIdToken } from "../id-token.ts";
import type { GrantAnswer } from "./grant.ts";

/** What was granted. */
export interface Granted {
  readonly client: ClientRow;
  readonly user: UserRow;
  readonly sessionId: string;
  readonly audience: string | undefined;
  readonly scopes: readonly string[];
  /** Auth0's `gty`; absent for a code. */
  readonly grantType?: "refresh_token";
  /** Absent: no ID token. Its scopes say which claims it has. */
  readonly idToken?: {
    readonly scopes: readonly string[];
    readonly nonce?: string | undefined;
    readonly authTime?: number | undefined;
  };
  /** Asked once the access token is there; undefined: the answer has none. */
  readonly refreshToken: () => string | undefined;
}

export async function tokenAnswer(tenant: TenantContext, granted: Granted): Promise<GrantAnswer> {
  const { client, user, sessionId, audience, scopes } = granted;
  const { token, expiresIn } = await issueAccessToken(tenant, {
    ...{ client, subject: user.user_id, audience, scopes, sessionId },
    ...(granted.grantType === undefined ? {} : { grantType: granted.grantType }),
  });
  const idToken =
    granted.idToken &&
    (await issueIdToken(tenant, { client, user, sessionId, ...granted.idToken }));
  const refreshToken = granted.refreshToken();
  const scope = scopes.join(" ");
  return {
    body: {
      access_token: token,
      ...(refreshToken === undefined ? {} : { refresh_token: refreshToken }),
      ...(idToken === undefined ? {} : { id_token: idToken }),
      scope,
      expires_in: expiresIn,
      token_type: "Bearer",
    },
    log: { user_id: user.user_id, scope, ...(audience === undefined ? {} : { audience }) },
  };
}

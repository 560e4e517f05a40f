/** @module Operations of the Authentication API that this tenant does not have. */
import type { OperationLines } from "./operation.ts";

/** Methods and paths as Auth0 publishes them; what is implemented is taken out here. */
export const unavailableAuthentication: OperationLines = `
POST /bc-authorize
POST /delegation
POST /login/callback
POST /login/unlink
POST /mfa/associate
GET /mfa/authenticators
DELETE /mfa/authenticators/{id}
POST /mfa/challenge
POST /oauth/access_token
POST /oauth/device/code
POST /oauth/global-token-revocation/connection/{connection_name}
POST /oauth/par
POST /oauth/ro
POST /oidc/register
POST /passwordless/start
POST /passwordless/verify
GET /samlp/metadata/{clientId}
GET /samlp/{clientId}
POST /samlp/{client_id}/logout
POST /tokeninfo
POST /users/{user_id}/impersonate
GET /wsfed/FederationMetadata/2007-06/FederationMetadata.xml
GET /wsfed/{clientId}
`;

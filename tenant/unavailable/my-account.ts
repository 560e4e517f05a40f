/** @module Operations of the My Account API, below /me/v1, that this tenant does not have. */
import type { OperationLines } from "./operation.ts";

/** Methods and paths as Auth0 publishes them; what is implemented is taken out here. */
export const unavailableMyAccount: OperationLines = `
GET POST /authentication-methods
DELETE GET PATCH /authentication-methods/{authentication_method_id}
POST /authentication-methods/{authentication_method_id}/verify
GET /consents
GET /consents/{consent_id}
GET /factors
GET /organizations
`;

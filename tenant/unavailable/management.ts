/** @module Operations of the Management API, below /api/v2, that this tenant does not have. */
import type { OperationLines } from "./operation.ts";

/** Methods and paths as Auth0 publishes them; what is implemented is taken out here. */
export const unavailableManagement: OperationLines = `
POST /actions/actions
GET /actions/actions/{actionId}/versions
GET /actions/actions/{actionId}/versions/{id}
POST /actions/actions/{actionId}/versions/{id}/deploy
DELETE GET PATCH /actions/actions/{id}
POST /actions/actions/{id}/deploy
POST /actions/actions/{id}/test
GET /actions/executions/{id}
GET POST /actions/modules
DELETE GET PATCH /actions/modules/{id}
GET /actions/modules/{id}/actions
POST /actions/modules/{id}/rollback
GET POST /actions/modules/{id}/versions
GET /actions/modules/{id}/versions/{versionId}
GET /actions/triggers
GET PATCH /actions/triggers/{triggerId}/bindings
DELETE GET /anomaly/blocks/ips/{id}
GET PATCH /attack-protection/bot-detection
GET PATCH /attack-protection/breached-password-detection
GET PATCH /attack-protection/brute-force-protection
GET PATCH /attack-protection/captcha
GET PATCH /attack-protection/suspicious-ip-throttling
GET PATCH /branding
GET POST /branding/phone/providers
DELETE GET PATCH /branding/phone/providers/{id}
POST /branding/phone/providers/{id}/try
GET POST /branding/phone/templates
DELETE GET PATCH /branding/phone/templates/{id}
PATCH /branding/phone/templates/{id}/reset
POST /branding/phone/templates/{id}/try
DELETE GET PUT /branding/templates/universal-login
POST /branding/themes
GET /branding/themes/default
DELETE GET PATCH /branding/themes/{themeId}
GET /client-grants/{id}/organizations
POST /clients/cimd/preview
POST /clients/cimd/register
GET POST /connection-profiles
GET /connection-profiles/templates
GET /connection-profiles/templates/{id}
DELETE GET PATCH /connection-profiles/{id}
GET /connections-scim-configurations
DELETE GET PATCH POST /connections/{id}/directory-provisioning
GET /connections/{id}/directory-provisioning/default-mapping
POST /connections/{id}/directory-provisioning/synchronizations
GET PUT /connections/{id}/directory-provisioning/synchronized-groups
GET POST /connections/{id}/keys
POST /connections/{id}/keys/rotate
DELETE GET PATCH POST /connections/{id}/scim-configuration
GET /connections/{id}/scim-configuration/default-mapping
GET POST /connections/{id}/scim-configuration/tokens
DELETE /connections/{id}/scim-configuration/tokens/{tokenId}
GET POST /custom-domains
GET PATCH /custom-domains/default
DELETE GET PATCH /custom-domains/{id}
POST /custom-domains/{id}/test
POST /custom-domains/{id}/verify
GET POST /device-credentials
DELETE /device-credentials/{id}
POST /email-templates
GET PATCH PUT /email-templates/{templateName}
DELETE GET PATCH POST /emails/provider
GET POST /event-streams
DELETE GET PATCH /event-streams/{id}
GET /event-streams/{id}/deliveries
GET /event-streams/{id}/deliveries/{event_id}
POST /event-streams/{id}/redeliver
POST /event-streams/{id}/redeliver/{event_id}
POST /event-streams/{id}/test
GET /events
GET POST /flows
GET POST /flows/vault/connections
DELETE GET PATCH /flows/vault/connections/{id}
GET /flows/{flow_id}/executions
DELETE GET /flows/{flow_id}/executions/{execution_id}
DELETE GET PATCH /flows/{id}
GET POST /forms
DELETE GET PATCH /forms/{id}
GET /groups
DELETE GET /groups/{id}
GET /groups/{id}/members
POST /guardian/enrollments/ticket
DELETE GET /guardian/enrollments/{id}
GET /guardian/factors
GET PATCH PUT /guardian/factors/duo/settings
GET PUT /guardian/factors/phone/message-types
GET PUT /guardian/factors/phone/providers/twilio
GET PUT /guardian/factors/phone/selected-provider
GET PUT /guardian/factors/phone/templates
GET PATCH PUT /guardian/factors/push-notification/providers/apns
PATCH PUT /guardian/factors/push-notification/providers/fcm
PATCH PUT /guardian/factors/push-notification/providers/fcmv1
GET PATCH PUT /guardian/factors/push-notification/providers/sns
GET PUT /guardian/factors/push-notification/selected-provider
GET PUT /guardian/factors/sms/providers/twilio
GET PUT /guardian/factors/sms/selected-provider
GET PUT /guardian/factors/sms/templates
PUT /guardian/factors/{name}
GET PUT /guardian/policies
GET POST /hooks
DELETE GET PATCH /hooks/{id}
DELETE GET PATCH POST /hooks/{id}/secrets
POST /jobs/users-exports
POST /jobs/users-imports
POST /jobs/verification-email
GET /jobs/{id}
GET /jobs/{id}/errors
DELETE GET PUT /keys/custom-signing
GET POST /keys/encryption
POST /keys/encryption/rekey
DELETE GET POST /keys/encryption/{kid}
POST /keys/encryption/{kid}/wrapping-key
GET POST /log-streams
DELETE GET PATCH /log-streams/{id}
GET POST /network-acls
DELETE GET PATCH PUT /network-acls/{id}
GET POST /organizations
GET /organizations/name/{name}
DELETE GET PATCH /organizations/{id}
GET POST /organizations/{id}/client-grants
DELETE /organizations/{id}/client-grants/{grant_id}
GET POST /organizations/{id}/connections
DELETE GET PATCH /organizations/{id}/connections/{connection_id}
GET POST /organizations/{id}/discovery-domains
GET /organizations/{id}/discovery-domains/name/{discovery_domain}
DELETE GET PATCH /organizations/{id}/discovery-domains/{discovery_domain_id}
GET POST /organizations/{id}/enabled_connections
DELETE GET PATCH /organizations/{id}/enabled_connections/{connectionId}
GET POST /organizations/{id}/invitations
DELETE GET /organizations/{id}/invitations/{invitation_id}
DELETE GET POST /organizations/{id}/members
DELETE GET POST /organizations/{id}/members/{user_id}/roles
GET PATCH /prompts/rendering
GET PUT /prompts/{prompt}/custom-text/{language}
GET PUT /prompts/{prompt}/partials
GET PATCH /prompts/{prompt}/screen/{screen}/rendering
GET PATCH /risk-assessments/settings
GET PATCH /risk-assessments/settings/new-device
GET POST /roles
DELETE GET PATCH /roles/{id}
DELETE GET POST /roles/{id}/permissions
GET POST /roles/{id}/users
GET POST /rules
GET /rules-configs
DELETE PUT /rules-configs/{key}
DELETE GET PATCH /rules/{id}
GET POST /self-service-profiles
DELETE GET PATCH /self-service-profiles/{id}
GET PUT /self-service-profiles/{id}/custom-text/{language}/{page}
POST /self-service-profiles/{id}/sso-ticket
POST /self-service-profiles/{profileId}/sso-ticket/{id}/revoke
GET PATCH /supplemental-signals
POST /tickets/email-verification
POST /tickets/password-change
GET POST /token-exchange-profiles
DELETE GET PATCH /token-exchange-profiles/{id}
GET POST /user-attribute-profiles
GET /user-attribute-profiles/templates
GET /user-attribute-profiles/templates/{id}
DELETE GET PATCH /user-attribute-profiles/{id}
DELETE GET /user-blocks
DELETE GET /user-blocks/{id}
DELETE GET POST PUT /users/{id}/authentication-methods
DELETE GET PATCH /users/{id}/authentication-methods/{authentication_method_id}
DELETE /users/{id}/authenticators
GET /users/{id}/enrollments
GET /users/{id}/federated-connections-tokensets
DELETE /users/{id}/federated-connections-tokensets/{tokenset_id}
GET /users/{id}/groups
POST /users/{id}/multifactor/actions/invalidate-remember-browser
DELETE /users/{id}/multifactor/{provider}
GET /users/{id}/organizations
DELETE GET POST /users/{id}/permissions
POST /users/{id}/recovery-code-regeneration
POST /users/{id}/risk-assessments/clear
DELETE GET POST /users/{id}/roles
GET POST /verifiable-credentials/verification/templates
DELETE GET PATCH /verifiable-credentials/verification/templates/{id}
`;

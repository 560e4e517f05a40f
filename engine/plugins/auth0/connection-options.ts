/**
 * @module The options of a connection that the official provider 3.49.0 keeps in the state for every strategy.
 *
 * None of them is written by this plugin unless a strategy's own table has it. In the outputs they hold the
 * empty value that the official provider writes, so that either plugin reads the other's state unchanged.
 */

import type { Plain } from "../protocol/value.ts";
import { type Fields, unsupported } from "./field.ts";

const texts = `
  accessTokenUrl adfsServer appId authorizationEndpoint clientId communityBaseUrl consumerKey
  consumerSecret destinationUrl digestAlgorithm discoveryUrl domain dpopSigningAlg entityId
  fedMetadataXml fieldsMap from gatewayUrl globalTokenRevocationJwtIss globalTokenRevocationJwtSub
  iconUrl identityApi issuer jwksUri keyId maxGroupsToRetrieve messagingServiceSid metadataUrl
  metadataXml name passwordPolicy pingFederateBaseUrl protocolBinding provider recipientUrl
  requestTemplate requestTokenUrl sessionKey setUserRootAttributes
  shouldTrustEmailVerifiedConnection signInEndpoint signOutEndpoint signatureAlgorithm
  signatureMethod signingCert subject syntax teamId template tenantDomain tokenEndpoint
  tokenEndpointAuthMethod tokenEndpointAuthSigningAlg tokenEndpointJwtcaAudFormat twilioSid type
  upstreamParams userAuthorizationUrl userIdAttribute userinfoEndpoint waadProtocol`;
const flags = `
  apiEnableGroups apiEnableUsers bruteForceProtection debug disableCache
  disableSelfServiceChangePassword disableSignOut disableSignup email enableScriptContext
  enabledDatabaseCustomization forwardRequestInfo idTokenSessionExpirySupported importMode
  mapUserIdToId pkceEnabled realmFallback requiresUsername sendBackChannelNonce signSamlRequest
  useCertAuth useKerberos useOauthSpecScope useWsfed waadCommonEndpoint`;
const lists = `
  allowedAudiences attributes authenticationMethods customHeaders domainAliases
  idTokenSignedResponseAlgs ips nonPersistentAttrs passwordHistories precedences scopes`;
const blocks = `
  attributeMap connectionSettings customPasswordHash decryptionKey
  federatedConnectionsAccessTokens gatewayAuthentication idpInitiated mfa passkeyOptions
  passwordComplexityOptions passwordDictionary passwordNoPersonalInfo passwordOptions signingKey
  totp validation`;
const maps = "authParams customScripts scripts";

/** Options by their empty value. A strategy's own table goes over this one. */
export const unwrittenOptions: Fields = {
  ...all(texts, ""),
  ...all(flags, false),
  ...all(lists, []),
  ...all(maps, {}),
  ...all(blocks, null),
  strategyVersion: unsupported(0),
  clientSecret: { ...unsupported(""), secret: true },
  configuration: { ...unsupported({}), secret: true },
  twilioToken: { ...unsupported(""), secret: true },
};

function all(names: string, absent: Plain): Fields {
  return Object.fromEntries(
    names
      .trim()
      .split(/\s+/)
      .map((name) => [name, unsupported(absent)]),
  );
}

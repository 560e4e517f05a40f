/** @module The type tokens of the auth0 plugin. */

export const types = {
  client: "auth0:index/client:Client",
  clientCredentials: "auth0:index/clientCredentials:ClientCredentials",
  clientGrant: "auth0:index/clientGrant:ClientGrant",
  connection: "auth0:index/connection:Connection",
  connectionClient: "auth0:index/connectionClient:ConnectionClient",
  connectionClients: "auth0:index/connectionClients:ConnectionClients",
  resourceServer: "auth0:index/resourceServer:ResourceServer",
} as const;

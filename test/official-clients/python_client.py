"""auth0-python against the tenant that TENANT_DOMAIN names; prints what it saw as one JSON document."""

import json
import os

from auth0.authentication import Database, GetToken, RevokeToken, Users
from auth0.authentication.exceptions import Auth0Error
from auth0.authentication.token_verifier import AsymmetricSignatureVerifier, TokenVerifier
from auth0.management import ManagementClient
from auth0.management.core.api_error import ApiError

env = os.environ
domain = env["TENANT_DOMAIN"]
app = {"client_id": env["APP_ID"], "client_secret": env["APP_SECRET"]}
login = "Username-Password-Authentication"
seen = {}

api = ManagementClient(domain=domain, client_id=env["CLIENT_ID"], client_secret=env["CLIENT_SECRET"])

client = api.clients.create(name="By auth0-python", app_type="regular_web", oidc_conformant=True)
api.clients.update(client.client_id, description="changed")
seen["description"] = api.clients.get(client.client_id).description
seen["clients"] = [each.name for each in api.clients.list(per_page=1)]

connection = api.connections.create(
    name="by-python",
    strategy="oauth2",
    options={
        "client_id": "at-provider",
        "client_secret": "secret",
        "authorizationURL": "https://provider.example/authorize",
        "tokenURL": "https://provider.example/token",
        "scope": ["openid", "read:tickets"],
    },
)
api.connections.update(connection.id, connected_accounts={"active": True})
seen["active"] = api.connections.get(connection.id).connected_accounts.active
api.connections.clients.update(connection.id, request=[{"client_id": client.client_id, "status": True}])
seen["enabled"] = [each.client_id == client.client_id for each in api.connections.clients.get(connection.id)]
seen["connections"] = [each.name for each in api.connections.list(take=1)]

audience = "https://python.example/api"
server = api.resource_servers.create(identifier=audience, name="Python", scopes=[{"value": "read:tickets"}])
grant = api.client_grants.create(client_id=client.client_id, audience=audience, scope=["read:tickets"])
seen["grants"] = [each.scope for each in api.client_grants.list(client_id=client.client_id)]
machine = GetToken(domain, client.client_id, client_secret=client.client_secret)
seen["machine"] = machine.client_credentials(audience)["scope"]

user = api.users.create(connection=login, email="pia@acme.test", password="Correct-horse-9")
seen["found"] = [each.email for each in api.users.list(q='email:"pia@acme.test"', search_engine="v3")]
seen["accounts"] = [each.connection for each in api.users.connected_accounts.list(env["USER_ID"])]
api.users.delete(user.user_id)

api.client_grants.delete(grant.id)
api.resource_servers.delete(server.id)
api.connections.delete(connection.id)
api.clients.delete(client.client_id)
try:
    api.clients.get(client.client_id)
except ApiError as error:
    seen["gone"] = error.status_code

tokens = GetToken(domain, **app)
fresh = tokens.refresh_token(env["REFRESH_TOKEN"])
keys = AsymmetricSignatureVerifier(f"https://{domain}/.well-known/jwks.json")
TokenVerifier(signature_verifier=keys, issuer=f"https://{domain}/", audience=app["client_id"]).verify(fresh["id_token"])
seen["userinfo"] = Users(domain).userinfo(fresh["access_token"])["email"]


def exchange(connection):
    return tokens.access_token_for_connection(
        subject_token_type="urn:ietf:params:oauth:token-type:refresh_token",
        subject_token=env["REFRESH_TOKEN"],
        requested_token_type="http://auth0.com/oauth/token-type/federated-connection-access-token",
        connection=connection,
    )


seen["vault"] = exchange("acme-helpdesk")
try:
    exchange("nobody")
except Auth0Error as error:
    seen["refusal"] = [error.status_code, error.error_code]

signup = {"email": "paul@acme.test", "password": "Correct-horse-9", "connection": login}
seen["signup"] = Database(domain, **app).signup(**signup)["email"]
seen["change"] = Database(domain, **app).change_password("paul@acme.test", login)
RevokeToken(domain, **app).revoke_refresh_token(env["REFRESH_TOKEN"])
try:
    tokens.refresh_token(env["REFRESH_TOKEN"])
except Auth0Error as error:
    seen["revoked"] = [error.status_code, error.error_code]

print(json.dumps(seen))

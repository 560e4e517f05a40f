// Package officialclients runs Auth0's Go clients against the tenant that TENANT_DOMAIN names.
package officialclients

import (
	"context"
	"os"
	"slices"
	"testing"

	"github.com/auth0/go-auth0"
	"github.com/auth0/go-auth0/authentication"
	"github.com/auth0/go-auth0/authentication/database"
	"github.com/auth0/go-auth0/authentication/oauth"
	"github.com/auth0/go-auth0/management"
)

const vaultGrant = "urn:auth0:params:oauth:grant-type:token-exchange:federated-connection-access-token"

var ctx = context.Background()

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func same(t *testing.T, what string, got, want any) {
	t.Helper()
	if got != want {
		t.Fatalf("%s is %v, not %v", what, got, want)
	}
}

// TestV1Management makes, reads, changes, lists and removes what the Pulumi and Terraform provider does, in its order.
func TestV1Management(t *testing.T) {
	api, err := management.New(os.Getenv("TENANT_DOMAIN"), management.WithClientCredentials(ctx, os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET")))
	must(t, err)

	audience := "https://go-v1.example/api"
	server := &management.ResourceServer{
		Identifier:         auth0.String(audience),
		Name:               auth0.String("Go v1"),
		Scopes:             &[]management.ResourceServerScope{{Value: auth0.String("read:tickets")}},
		AllowOfflineAccess: auth0.Bool(true),
	}
	must(t, api.ResourceServer.Create(ctx, server))
	same(t, "signing_alg", server.GetSigningAlgorithm(), "RS256")
	must(t, api.ResourceServer.Update(ctx, server.GetID(), &management.ResourceServer{TokenLifetime: auth0.Int(600)}))
	// The identifier travels percent-encoded, as in the provider's ResourceServerScopes.
	found, err := api.ResourceServer.Read(ctx, audience)
	must(t, err)
	same(t, "token_lifetime", found.GetTokenLifetime(), 600)

	connection := &management.Connection{
		Name:     auth0.String("go-v1"),
		Strategy: auth0.String("oauth2"),
		Options: &management.ConnectionOptionsOAuth2{
			ClientID:         auth0.String("at-provider"),
			ClientSecret:     auth0.String("secret"),
			AuthorizationURL: auth0.String("https://provider.example/authorize"),
			TokenURL:         auth0.String("https://provider.example/token"),
			Scope:            auth0.String("openid read:tickets"),
			PKCEEnabled:      auth0.Bool(true),
			Scripts:          &map[string]string{"fetchUserProfile": "function f(t, c, cb) { cb(null, { user_id: '1' }); }"},
			UpstreamParams:   map[string]any{"screen_name": map[string]any{"alias": "login_hint"}},
		},
		ConnectedAccounts: &management.ConnectedAccounts{Active: auth0.Bool(true)},
	}
	must(t, api.Connection.Create(ctx, connection))
	same(t, "connected_accounts.active", connection.GetConnectedAccounts().GetActive(), true)
	read, err := api.Connection.Read(ctx, connection.GetID())
	must(t, err)
	options, ok := read.Options.(*management.ConnectionOptionsOAuth2)
	same(t, "the strategy's own options", ok, true)
	same(t, "pkce_enabled", options.GetPKCEEnabled(), true)
	read, err = api.Connection.ReadByName(ctx, "go-v1")
	must(t, err)
	same(t, "the connection found by name", read.GetID(), connection.GetID())
	must(t, api.Connection.Update(ctx, connection.GetID(), &management.Connection{DisplayName: auth0.String("Go")}))

	client := &management.Client{
		Name:                    auth0.String("Go v1"),
		AppType:                 auth0.String("regular_web"),
		OIDCConformant:          auth0.Bool(true),
		TokenEndpointAuthMethod: auth0.String("client_secret_post"),
		GrantTypes:              &[]string{"authorization_code", "refresh_token", vaultGrant},
		RefreshToken: &management.ClientRefreshToken{
			RotationType:   auth0.String("non-rotating"),
			ExpirationType: auth0.String("non-expiring"),
			Policies:       &[]management.ClientRefreshTokenPolicy{{Audience: auth0.String(audience), Scope: &[]string{"read:tickets"}}},
		},
	}
	must(t, api.Client.Create(ctx, client))
	same(t, "the length of the secret", len(client.GetClientSecret()), 64)
	must(t, api.Client.Update(ctx, client.GetClientID(), &management.Client{Description: auth0.String("changed")}))
	again, err := api.Client.Read(ctx, client.GetClientID())
	must(t, err)
	same(t, "description", again.GetDescription(), "changed")
	same(t, "policies", len(again.GetRefreshToken().GetPolicies()), 1)
	credentials, err := api.Client.ListCredentials(ctx, client.GetClientID())
	must(t, err)
	same(t, "credentials", len(credentials), 0)

	grant := &management.ClientGrant{
		ClientID:    client.ClientID,
		Audience:    auth0.String(audience),
		Scope:       &[]string{"read:tickets"},
		SubjectType: auth0.String("user"),
	}
	must(t, api.ClientGrant.Create(ctx, grant))
	must(t, api.ClientGrant.Update(ctx, grant.GetID(), &management.ClientGrant{Scope: &[]string{}}))
	kept, err := api.ClientGrant.Read(ctx, grant.GetID())
	must(t, err)
	same(t, "scopes of the grant", len(kept.GetScope()), 0)
	grants, err := api.ClientGrant.List(ctx, management.Parameter("audience", audience), management.Parameter("client_id", client.GetClientID()))
	must(t, err)
	same(t, "grants listed", len(grants.ClientGrants), 1)

	switched := func(on bool) {
		must(t, api.Connection.UpdateEnabledClients(ctx, connection.GetID(), []management.ConnectionEnabledClient{{ClientID: client.ClientID, Status: auth0.Bool(on)}}))
		enabled, err := api.Connection.ReadEnabledClients(ctx, connection.GetID())
		must(t, err)
		same(t, "the client is enabled", len(enabled.GetClients()) == 1, on)
	}
	switched(true)
	switched(false)

	var names []string
	for page := 0; ; page++ {
		list, err := api.Client.List(ctx, management.Page(page), management.PerPage(1))
		must(t, err)
		for _, each := range list.Clients {
			names = append(names, each.GetName())
		}
		if !list.HasNext() {
			break
		}
	}
	same(t, "the new client is on a page", slices.Contains(names, "Go v1"), true)
	var connections []string
	for from := ""; ; {
		arguments := []management.RequestOption{management.Take(1)}
		if from != "" {
			arguments = append(arguments, management.From(from))
		}
		list, err := api.Connection.List(ctx, arguments...)
		must(t, err)
		for _, each := range list.Connections {
			connections = append(connections, each.GetName())
		}
		if !list.HasNext() {
			break
		}
		from = list.Next
	}
	same(t, "the new connection is in a checkpoint", slices.Contains(connections, "go-v1"), true)

	must(t, api.ClientGrant.Delete(ctx, grant.GetID()))
	must(t, api.Client.Delete(ctx, client.GetClientID()))
	must(t, api.Connection.Delete(ctx, connection.GetID()))
	must(t, api.ResourceServer.Delete(ctx, server.GetID()))
	_, err = api.Client.Read(ctx, client.GetClientID())
	refusal, ok := err.(management.Error)
	same(t, "a management error", ok, true)
	same(t, "its status", refusal.Status(), 404)
}

// TestV1Authentication is what a Go app does: a machine's token, sign-up, the exchange at the vault.
func TestV1Authentication(t *testing.T) {
	api, err := authentication.New(ctx, os.Getenv("TENANT_DOMAIN"), authentication.WithClientID(os.Getenv("APP_ID")), authentication.WithClientSecret(os.Getenv("APP_SECRET")))
	must(t, err)
	_, err = api.Database.Signup(ctx, database.SignupRequest{Connection: "Username-Password-Authentication", Email: "go@acme.test", Password: "Correct-horse-9"})
	must(t, err)
	tokens, err := api.OAuth.RefreshToken(ctx, oauth.RefreshTokenRequest{RefreshToken: os.Getenv("REFRESH_TOKEN")}, oauth.IDTokenValidationOptions{})
	must(t, err)
	user, err := api.UserInfo(ctx, tokens.AccessToken)
	must(t, err)
	same(t, "email", user.Email, "golo@acme.test")
	// It has no call of its own for the vault: this is its way to send another grant.
	vault, err := api.OAuth.LoginWithGrant(ctx, vaultGrant, map[string][]string{
		"client_id":            {os.Getenv("APP_ID")},
		"client_secret":        {os.Getenv("APP_SECRET")},
		"subject_token":        {os.Getenv("REFRESH_TOKEN")},
		"subject_token_type":   {"urn:ietf:params:oauth:token-type:refresh_token"},
		"requested_token_type": {"http://auth0.com/oauth/token-type/federated-connection-access-token"},
		"connection":           {"acme-helpdesk"},
	}, oauth.IDTokenValidationOptions{})
	must(t, err)
	same(t, "the provider's token is one", vault.AccessToken != "" && vault.ExpiresIn > 3000, true)
}

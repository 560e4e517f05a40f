package officialclients

import (
	"os"
	"slices"
	"testing"

	"github.com/auth0/go-auth0/v2/management"
	"github.com/auth0/go-auth0/v2/management/client"
	"github.com/auth0/go-auth0/v2/management/option"
)

// TestV2Management does the same as TestV1Management with the generated client of version 2.
func TestV2Management(t *testing.T) {
	api, err := client.New(os.Getenv("TENANT_DOMAIN"), option.WithClientCredentials(ctx, os.Getenv("CLIENT_ID"), os.Getenv("CLIENT_SECRET")))
	must(t, err)

	audience := "https://go-v2.example/api"
	server, err := api.ResourceServers.Create(ctx, &management.CreateResourceServerRequestContent{
		Identifier: audience,
		Name:       management.String("Go v2"),
		Scopes:     []*management.ResourceServerScope{{Value: "read:tickets"}},
	})
	must(t, err)
	_, err = api.ResourceServers.Update(ctx, *server.ID, &management.UpdateResourceServerRequestContent{TokenLifetime: management.Int(600)})
	must(t, err)
	found, err := api.ResourceServers.Get(ctx, audience, nil)
	must(t, err)
	same(t, "token_lifetime", *found.TokenLifetime, 600)

	connection, err := api.Connections.Create(ctx, &management.CreateConnectionRequestContent{
		Name:     "go-v2",
		Strategy: management.ConnectionIdentityProviderEnumOauth2,
		Options: &management.ConnectionPropertiesOptions{ExtraProperties: map[string]any{
			"client_id":        "at-provider",
			"client_secret":    "secret",
			"authorizationURL": "https://provider.example/authorize",
			"tokenURL":         "https://provider.example/token",
			"scope":            []string{"openid", "read:tickets"},
		}},
		ConnectedAccounts: &management.ConnectionConnectedAccountsPurpose{Active: true},
	})
	must(t, err)
	read, err := api.Connections.Get(ctx, *connection.ID, nil)
	must(t, err)
	same(t, "strategy", *read.Strategy, "oauth2")
	same(t, "connected_accounts.active", read.ConnectedAccounts.Active, true)
	_, err = api.Connections.Update(ctx, *connection.ID, &management.UpdateConnectionRequestContent{DisplayName: management.String("Go")})
	must(t, err)

	created, err := api.Clients.Create(ctx, &management.CreateClientRequestContent{
		Name:           "Go v2",
		AppType:        management.ClientAppTypeEnumRegularWeb.Ptr(),
		OidcConformant: management.Bool(true),
		GrantTypes:     []string{"authorization_code", "refresh_token", vaultGrant},
	})
	must(t, err)
	_, err = api.Clients.Update(ctx, *created.ClientID, &management.UpdateClientRequestContent{Description: management.String("changed")})
	must(t, err)
	again, err := api.Clients.Get(ctx, *created.ClientID, nil)
	must(t, err)
	same(t, "description", *again.Description, "changed")

	grant, err := api.ClientGrants.Create(ctx, &management.CreateClientGrantRequestContent{
		ClientID:    *created.ClientID,
		Audience:    audience,
		Scope:       []string{"read:tickets"},
		SubjectType: management.ClientGrantSubjectTypeEnumUser.Ptr(),
	})
	must(t, err)
	_, err = api.ClientGrants.Update(ctx, *grant.ID, &management.UpdateClientGrantRequestContent{Scope: []string{"read:tickets"}})
	must(t, err)
	var grants []string
	grantPage, err := api.ClientGrants.List(ctx, &management.ListClientGrantsRequestParameters{ClientID: created.ClientID, Take: management.Int(1)})
	must(t, err)
	for each := grantPage.Iterator(); each.Next(ctx); {
		grants = append(grants, *each.Current().Audience)
	}
	same(t, "grants listed", len(grants), 1)

	switched := func(on bool) {
		must(t, api.Connections.Clients.Update(ctx, *connection.ID, []*management.UpdateEnabledClientConnectionsRequestContentItem{{ClientID: *created.ClientID, Status: on}}))
		page, err := api.Connections.Clients.Get(ctx, *connection.ID, &management.GetConnectionEnabledClientsRequestParameters{})
		must(t, err)
		same(t, "the client is enabled", len(page.Results) == 1, on)
	}
	switched(true)
	switched(false)

	var names []string
	page, err := api.Clients.List(ctx, &management.ListClientsRequestParameters{PerPage: management.Int(1)})
	must(t, err)
	for each := page.Iterator(); each.Next(ctx); {
		names = append(names, *each.Current().Name)
	}
	same(t, "the new client is on a page", slices.Contains(names, "Go v2"), true)
	var connections []string
	list, err := api.Connections.List(ctx, &management.ListConnectionsQueryParameters{Take: management.Int(1)})
	must(t, err)
	for each := list.Iterator(); each.Next(ctx); {
		connections = append(connections, *each.Current().Name)
	}
	same(t, "the new connection is in a checkpoint", slices.Contains(connections, "go-v2"), true)

	must(t, api.ClientGrants.Delete(ctx, *grant.ID))
	must(t, api.Clients.Delete(ctx, *created.ClientID))
	must(t, api.Connections.Delete(ctx, *connection.ID))
	must(t, api.ResourceServers.Delete(ctx, *server.ID))
	_, err = api.Clients.Get(ctx, *created.ClientID, nil)
	_, missing := err.(*management.NotFoundError)
	same(t, "a client that is gone is not found", missing, true)
}

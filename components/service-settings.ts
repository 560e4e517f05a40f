/** @module The configuration of a service of somebody's own, in the helpdesk's place. */
import { z } from "zod";
import { connectionName, scopeList, webUrl } from "./setting-types.ts";

/** A host that may see tokens, as the runtime's allow-list takes it. */
const host = z
  .string()
  .regex(
    /^(\*\.)?([a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:]+\])(:\d{1,5})?$/i,
    "is not a host; write api.example.com, *.example.com or localhost:3001, without scheme and path",
  );

/** The key `service`; an empty object is as good as none. */
export const serviceSchema = z.preprocess(
  (value) => (isEmpty(value) ? undefined : value),
  z
    .strictObject({
      name: connectionName,
      issuer: webUrl
        .refine(
          (text) => !/\/\.well-known\//.test(text),
          "is the address of a metadata document; write the issuer alone, like https://auth.example.com",
        )
        .refine((text) => !/[?#]/.test(text), "has a query or a fragment, which no issuer has")
        .optional(),
      authorizationEndpoint: webUrl.optional(),
      tokenEndpoint: webUrl
        .max(255, "has more than 255 characters, Auth0's limit for a token endpoint")
        .optional(),
      userinfoEndpoint: webUrl.optional(),
      clientId: z.string().min(1).max(128),
      scopes: scopeList,
      pkce: z.boolean().default(true),
      apiUrl: webUrl.optional(),
      allowedDomains: z.array(host).min(1).optional(),
    })
    .optional(),
);

/** The checked configuration of the service. */
export type ServiceSettings = NonNullable<z.infer<typeof serviceSchema>>;

/** What a service lacks, by key. `script` is a fetchUserProfile of the stack's own. */
export function serviceProblems(
  service: ServiceSettings,
  { script, clientSecret }: { script: string | undefined; clientSecret: string | undefined },
): { key: string; reason: string }[] {
  const found: { key: string; reason: string }[] = [];
  const need = (key: string, reason: string) => found.push({ key, reason });
  if (service.issuer === undefined) {
    const names = ["authorizationEndpoint", "tokenEndpoint"] as const;
    for (const name of names) {
      if (service[name] === undefined)
        need(`service.${name}`, "is needed where there is no service.issuer whose metadata has it");
    }
    if (service.userinfoEndpoint === undefined && script === undefined)
      need(
        "service.userinfoEndpoint",
        "is needed where there is no service.issuer and no script: users must be told apart",
      );
  }
  if (service.apiUrl === undefined && service.allowedDomains === undefined) {
    need(
      "service.apiUrl",
      "or service.allowedDomains is needed: without one no host may see a user's token",
    );
  }
  if (clientSecret === undefined) {
    need(
      "serviceClientSecret",
      "is needed with `service`: the secret that it knows Auth0 by (`pulumi config set --secret`)",
    );
  }
  return found;
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

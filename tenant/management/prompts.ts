/** @module /prompts: how the login pages look. */
import { z } from "zod";
import type { TenantContext } from "../context.ts";
import { type Endpoint, endpoint } from "./endpoint.ts";

const path = "/prompts";
const settingsId = "prompts";

const defaults = {
  universal_login_experience: "new",
  identifier_first: false,
  webauthn_platform_first_factor: true,
};

/** PATCH /prompts; null changes nothing. */
export const promptsUpdate = z
  .strictObject({
    universal_login_experience: z.enum(["new", "classic"]).optional(),
    identifier_first: z.boolean().nullish(),
    webauthn_platform_first_factor: z.boolean().nullish(),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: "Too few properties defined (0), minimum 1",
  });

export function promptEndpoints(tenant: TenantContext): Endpoint[] {
  const current = () => ({ ...defaults, ...tenant.store.settings.get(settingsId) });
  return [
    endpoint({
      method: "GET",
      path,
      scopes: ["read:prompts"],
      answer: () => ({ status: 200, body: current() }),
    }),
    endpoint({
      method: "PATCH",
      path,
      scopes: ["update:prompts"],
      body: promptsUpdate,
      inert: ["universal_login_experience=new", "identifier_first"],
      logged: "Update prompts settings",
      answer({ body }) {
        const set = Object.entries(body).filter(([, value]) => value !== null);
        tenant.store.settings.put(settingsId, { ...current(), ...Object.fromEntries(set) });
        return { status: 200, body: current() };
      },
    }),
  ];
}

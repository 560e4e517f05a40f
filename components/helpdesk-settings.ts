/** @module The configuration keys of the helpdesk, and the rules that bind them. */
import { z } from "zod";
import { backChannelUrl, sharedSecret, webUrl } from "./setting-types.ts";
import { tunnelProblems, type tunnelSchema } from "./tunnel-settings.ts";

/** Where the helpdesk runs. */
export const helpdeskSchema = z
  .strictObject({
    mode: z.enum(["process", "external", "container"]).default("process"),
    port: z.int().min(1).max(65535).default(3001),
    url: webUrl.optional(),
    bindAddress: z
      .union([z.ipv4(), z.ipv6()], "is no IP address; 0.0.0.0 is every address of the machine")
      .optional(),
    backChannelUrl: backChannelUrl.optional(),
    baseImage: z
      .string()
      .regex(/^[a-z0-9][\w./:@-]*$/, "is no image name, like node:24-slim")
      .optional(),
  })
  .prefault({});

export const helpdeskSecretSchema = sharedSecret.optional();

/** What the rules look at. */
interface HelpdeskKeys {
  readonly tenant: "local" | "cloud";
  readonly helpdesk: z.infer<typeof helpdeskSchema>;
  readonly tunnel: z.infer<typeof tunnelSchema>;
  readonly helpdeskClientSecret?: string | undefined;
  readonly tunnelToken?: string | undefined;
}

interface Problem {
  readonly key: string;
  readonly reason: string;
}

/** Rules that take more than one key. */
export function helpdeskProblems(settings: HelpdeskKeys): Problem[] {
  const external = settings.helpdesk.mode === "external";
  return [...modeProblems(settings), ...tunnelProblems({ ...settings, external })];
}

function modeProblems({ helpdesk, helpdeskClientSecret }: HelpdeskKeys): Problem[] {
  const { mode, url, bindAddress, baseImage } = helpdesk;
  const problems: Problem[] = [];
  const need = (key: string, reason: string) => problems.push({ key, reason });
  if (mode === "external" && url === undefined) {
    need("helpdesk.url", "is needed when helpdesk.mode is `external`");
  }
  if (mode === "external" && helpdeskClientSecret === undefined) {
    need(
      "helpdeskClientSecret",
      "is needed when helpdesk.mode is `external`: the secret that the API knows Auth0 by (`pulumi config set --secret`)",
    );
  }
  if (mode !== "external" && url !== undefined) {
    need("helpdesk.url", "goes with helpdesk.mode `external`; for a tunnel set tunnel.url");
  }
  if (mode !== "container" && baseImage !== undefined) {
    need("helpdesk.baseImage", "goes with helpdesk.mode `container`");
  }
  if (mode === "external" && bindAddress !== undefined) {
    need(
      "helpdesk.bindAddress",
      "is of a helpdesk that the stack starts, not of an `external` one",
    );
  }
  return problems;
}

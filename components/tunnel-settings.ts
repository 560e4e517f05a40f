/** @module The configuration keys of the tunnel, and the rules that bind them. */
import { z } from "zod";
import { isLoopback, webUrl } from "./setting-types.ts";

const path = z.string().min(1);
const port = z.int().min(1).max(65535);

/** The way from Auth0 to the helpdesk. */
export const tunnelSchema = z
  .strictObject({
    kind: z.enum(["none", "external", "cloudflared", "ngrok", "ssh"]).default("none"),
    url: webUrl
      .refine(
        (text) => !URL.canParse(text) || new URL(text).pathname === "/",
        "has a path; a tunnel leads to the whole helpdesk",
      )
      .transform((text) => new URL(text).origin)
      .optional(),
    name: z
      .string()
      .regex(/^[\w][\w.-]*$/, "is no tunnel's name or id")
      .optional(),
    host: z
      .string()
      .regex(/^([\w.-]+@)?[\w][\w.:-]*$/, "is no host for ssh, like tunnel@gateway.example.com")
      .optional(),
    sshPort: port.optional(),
    remotePort: port.optional(),
    identityFile: path.optional(),
    knownHostsFile: path.optional(),
  })
  .prefault({});

/** What the agent proves itself by at its cloud. */
export const tunnelTokenSchema = z.string().min(8).optional();

/** What the rules look at. */
interface TunnelKeys {
  readonly tenant: "local" | "cloud";
  readonly tunnel: z.infer<typeof tunnelSchema>;
  readonly tunnelToken?: string | undefined;
  /** The helpdesk runs elsewhere. */
  readonly external: boolean;
}

interface Problem {
  readonly key: string;
  readonly reason: string;
}

/** Which kinds a key is for; `url` is for all but `none`. */
const kindsOf = {
  name: ["cloudflared"],
  host: ["ssh"],
  sshPort: ["ssh"],
  remotePort: ["ssh"],
  identityFile: ["ssh"],
  knownHostsFile: ["ssh"],
} as const;

/** Rules that take more than one key. */
export function tunnelProblems({ tenant, tunnel, tunnelToken, external }: TunnelKeys): Problem[] {
  const { kind, url, name } = tunnel;
  const problems: Problem[] = [];
  const need = (key: string, reason: string) => problems.push({ key, reason });
  for (const [key, kinds] of Object.entries(kindsOf)) {
    if (tunnel[key as keyof typeof kindsOf] !== undefined && !kinds.some((each) => each === kind)) {
      need(`tunnel.${key}`, `goes with tunnel.kind \`${kinds[0]}\``);
    }
  }
  if (["external", "ssh"].includes(kind) && url === undefined) {
    need("tunnel.url", `is needed when tunnel.kind is \`${kind}\``);
  }
  if (kind === "none" && url !== undefined) {
    need("tunnel.url", "goes with a tunnel: kind `external`, `cloudflared`, `ngrok` or `ssh`");
  }
  for (const key of ["host", "remotePort"] as const) {
    if (kind === "ssh" && tunnel[key] === undefined) {
      need(`tunnel.${key}`, "is needed when tunnel.kind is `ssh`");
    }
  }
  if (kind === "cloudflared" && url === undefined && (name ?? tunnelToken) !== undefined) {
    need("tunnel.url", "is needed for a named tunnel: the public hostname that leads to it");
  }
  if (kind === "cloudflared" && url !== undefined && (name ?? tunnelToken) === undefined) {
    need(
      "tunnel.name",
      "or the secret key tunnelToken is needed: a quick tunnel has no url of its own",
    );
  }
  if (tunnelToken !== undefined && !["cloudflared", "ngrok"].includes(kind)) {
    need("tunnelToken", "goes with tunnel.kind `cloudflared` or `ngrok`");
  }
  if (external && !["none", "external"].includes(kind)) {
    need(
      "tunnel.kind",
      `\`${kind}\` leads to a helpdesk on this machine, and helpdesk.mode is \`external\``,
    );
  }
  if (tenant === "cloud" && !external && kind === "none") {
    need("tunnel.kind", "`none` leaves the helpdesk on this machine, where Auth0 cannot reach it");
  }
  if (tenant === "cloud" && url !== undefined && isLoopback(new URL(url).hostname)) {
    need("tunnel.url", `${url} is on this machine, where Auth0 cannot reach it`);
  }
  return problems;
}

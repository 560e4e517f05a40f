/** @module Which tenant, client and user a command is about, and the vault that stands for them. */
import { isLoopback } from "../../runtime/allowed-hosts.ts";
import { ClientSecretPost } from "../../runtime/client-auth.ts";
import { TokenVault } from "../../runtime/token-vault.ts";
import { knownService, servicesOf } from "../connections/known-services.ts";
import { CliError, exitCodes } from "../exit-codes.ts";
import { trustAuthority } from "../tenant/trusted-authority.ts";
import { profileTokenStore } from "./profile-token-store.ts";
import {
  loadProfile,
  type Profile,
  type ProfilesFile,
  readProfiles,
  updateProfile,
} from "./profiles.ts";

export interface SessionOptions {
  /** The profile's name; default by environment, else the current one. */
  profile?: string | undefined;
  /** Default `process.env`. */
  env?: NodeJS.ProcessEnv;
  /** Limit of one request, default 30 000. */
  timeoutMs?: number;
  /**
   * Leaves it to the vault to trust the tenant's authority, before its first request over TLS: a
   * command that finds a token here may make none.
   */
  trustLate?: boolean;
}

/** A profile in use. */
export interface Session {
  /** The profile's name, under which the user's tokens are kept. */
  name: string;
  /** As it was when the command began; the environment's values are in it. */
  profile: Profile & { clientSecret: string };
  env: NodeJS.ProcessEnv;
  timeoutMs: number;
}

/**
 * Finds the profile, makes its certificate authority trusted, and refuses one that says local of a
 * tenant elsewhere, or the other way round.
 *
 * @throws {CliError} `auth_error`: nothing is configured, or half of it. `tenant_mismatch`.
 */
export function openSession(options: SessionOptions = {}): Session {
  const found = findSession(options);
  if (!found) {
    throw new CliError("auth_error", "no tenant is configured", {
      exitCode: exitCodes.login,
      hint: "Run tvk up, or set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET.",
    });
  }
  const { name, profile } = found;
  const { domain, clientSecret, local, caFile } = profile;
  if (!clientSecret) {
    throw new CliError("auth_error", `no client secret is known for ${domain}`, {
      exitCode: exitCodes.login,
      hint: "Set AUTH0_CLIENT_SECRET.",
    });
  }
  if (local !== isLoopbackDomain(domain)) {
    const seen = local ? "local, but its tenant is" : "not local, but its tenant is";
    throw new CliError("tenant_mismatch", `the profile "${name}" is ${seen} ${domain}`, {
      exitCode: exitCodes.input,
      hint: "Choose another profile, or make this one again with tvk up.",
    });
  }
  if (caFile && !options.trustLate) trustAuthority(caFile);
  const { env = process.env, timeoutMs = 30_000 } = options;
  return { name, profile: { ...profile, clientSecret }, env, timeoutMs };
}

/** The same without any check; undefined when nothing is configured. */
export function findSession({
  profile: name,
  env = process.env,
}: SessionOptions): { name: string; profile: Profile } | undefined {
  const wanted = name ?? (env["TVK_PROFILE"] || undefined);
  if (wanted !== undefined) {
    const found = loadProfile(wanted, env);
    if (found) return found;
    const names = Object.keys(readProfiles(env).profiles).join(", ") || "none";
    throw new CliError("unknown_profile", `there is no profile "${wanted}"`, {
      exitCode: exitCodes.input,
      hint: `Profiles: ${names}.`,
    });
  }
  return fromEnvironment(readProfiles(env), env);
}

/** The vault of the signed-in user, with the tokens kept in the profile. */
export function vaultOf(session: Session, allowedDomains: readonly string[] = []): TokenVault {
  const { name, profile, env, timeoutMs } = session;
  return new TokenVault({
    domain: profile.domain,
    clientId: profile.clientId,
    clientAuth: ClientSecretPost(profile.clientSecret),
    subjectToken: {
      type: "refresh_token",
      // Read each time: another process may have signed in again.
      value: () => loadProfile(name, env)?.profile.auth0?.refreshToken ?? "",
      onRotate: (refreshToken) =>
        updateProfile(
          name,
          ({ auth0 }) => void (auth0 && Object.assign(auth0, { refreshToken })),
          env,
        ),
    },
    allowedDomains,
    cache: profileTokenStore(name, env),
    fetch: (input, init) => {
      if (profile.caFile && `${input}`.startsWith("https:")) trustAuthority(profile.caFile);
      return globalThis.fetch(input, init);
    },
    timeoutMs,
  });
}

/** The hosts that may see a service's token: the stack's, the person's, and those of a known service. */
export function allowedDomainsOf(profile: Profile, service: string): string[] {
  const { connection, allowedDomains } = knownService(service, profile.connection);
  const names = [service.toLowerCase(), connection, ...servicesOf(connection)];
  const own = names.flatMap((name) => profile.serviceSettings[name]?.allowedDomains ?? []);
  // The stack's hosts are its connection's: another connection's token has no business there.
  const stack = profile.connection === undefined || profile.connection === connection;
  return [...new Set([...(stack ? profile.allowedDomains : []), ...allowedDomains, ...own])];
}

function fromEnvironment(file: ProfilesFile, env: NodeJS.ProcessEnv) {
  const base = file.current === undefined ? undefined : file.profiles[file.current];
  const kept = base && file.current ? { name: file.current, profile: base } : undefined;
  // In a shell of `tvk shell` these are the engine's Management credentials.
  if (env["TVK_SHELL"] === "1") return kept;
  const domain = cleanDomain(env["AUTH0_DOMAIN"]) ?? base?.domain;
  const clientId = env["AUTH0_CLIENT_ID"] || base?.clientId;
  if (!domain || !clientId) return kept;
  const same = (profile?: Profile) => profile?.domain === domain && profile.clientId === clientId;
  const name =
    (same(base) && file.current) ||
    Object.keys(file.profiles).find((each) => same(file.profiles[each])) ||
    `${domain}:${clientId}`.slice(0, 128);
  const known = file.profiles[name];
  // A secret or a token that was kept goes to the tenant and client that it was made for only.
  const clientSecret = env["AUTH0_CLIENT_SECRET"] || known?.clientSecret;
  const audience = env["AUTH0_AUDIENCE"] || known?.audience;
  const profile: Profile = {
    local: isLoopbackDomain(domain),
    allowedDomains: [],
    connections: {},
    serviceSettings: {},
    ...known,
    domain,
    clientId,
    ...(clientSecret ? { clientSecret } : {}),
    ...(audience ? { audience } : {}),
  };
  return { name, profile };
}

function cleanDomain(domain: string | undefined) {
  return (
    domain
      ?.trim()
      .replace(/^https?:\/\//, "")
      .replace(/\/+$/, "") || undefined
  );
}

function isLoopbackDomain(domain: string) {
  return URL.canParse(`https://${domain}`) && isLoopback(new URL(`https://${domain}`).hostname);
}

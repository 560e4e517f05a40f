/** @module Asks a person for tenant and client, and makes a profile of the answers. */
import { isCancel, password, text } from "@clack/prompts";
import { isLoopback } from "../../runtime/allowed-hosts.ts";
import { inputError } from "../exit-codes.ts";
import { type Globals, mayAsk } from "../globals.ts";
import { loadProfile, saveProfile } from "./profiles.ts";

/** The profile that is made when none is named. */
const DEFAULT_NAME = "default";

/**
 * Asks on stderr, never showing a secret that is known already, and saves the profile.
 *
 * @returns The profile's name.
 * @throws {CliError} `invalid_input`: no terminal, or the person gave up.
 */
export async function askForProfile(globals: Globals): Promise<string> {
  try {
    return await ask(globals);
  } finally {
    // Nothing is asked any more: an input that stays open must not keep the process.
    process.stdin.unref?.();
  }
}

async function ask({ profile, env }: Globals): Promise<string> {
  if (!mayAsk(env)) {
    throw inputError(
      "invalid_input",
      "--reconfigure asks questions and needs a terminal",
      "Set AUTH0_DOMAIN, AUTH0_CLIENT_ID and AUTH0_CLIENT_SECRET instead.",
    );
  }
  const old = loadProfile(profile, env);
  const name = profile ?? old?.name ?? DEFAULT_NAME;
  const output = process.stderr;
  const domain = answered(
    await text({
      message: "Tenant domain",
      initialValue: old?.profile.domain ?? "",
      validate: isHost,
      output,
    }),
  );
  const clientId = answered(
    await text({
      message: "Client id",
      initialValue: old?.profile.clientId ?? "",
      validate: isGiven,
      output,
    }),
  );
  const clientSecret = answered(
    await password({ message: "Client secret", validate: isGiven, output }),
  );
  const same = old?.profile.domain === domain ? old.profile : undefined;
  await saveProfile(
    name,
    {
      domain,
      clientId,
      clientSecret,
      local: isLoopback(new URL(`https://${domain}`).hostname),
      allowedDomains: same?.allowedDomains ?? [],
      ...(same?.caFile ? { caFile: same.caFile } : {}),
      ...(same?.connection ? { connection: same.connection } : {}),
      ...(same?.audience ? { audience: same.audience } : {}),
    },
    env,
  );
  return name;
}

function answered(answer: string | symbol): string {
  if (isCancel(answer)) throw inputError("cancelled", "nothing was changed");
  return String(answer).trim();
}

function isHost(answer: string | undefined) {
  return /^[a-z0-9.-]+(:\d+)?$/i.test(answer?.trim() ?? "")
    ? undefined
    : "A host, like acme.eu.auth0.com";
}

function isGiven(answer: string | undefined) {
  return answer?.trim() ? undefined : "Needed";
}

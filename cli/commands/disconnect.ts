/** @module `tvk disconnect SERVICE`: forgets a service's token, and with --remote its account. */
import type { TokenVault } from "../../runtime/token-vault.ts";
import { command } from "../command.ts";
import { knownService, servicesOf } from "../connections/known-services.ts";
import { inputError } from "../exit-codes.ts";
import { showDisconnect } from "../fetch/dry-run.ts";
import { printResult } from "../output.ts";
import { keptTokens } from "../profiles/profile-token-store.ts";
import { updateProfile } from "../profiles/profiles.ts";
import { openSession, vaultOf } from "../profiles/session.ts";

export const disconnect = command({
  description: "Forget a service's token; with --remote remove the account from the vault",
  failure: "disconnect_failed",
  args: {
    service: {
      type: "positional",
      required: true,
      description: "Connection, or gmail, calendar, slack, github",
    },
    remote: { type: "boolean", description: "Remove the account at the tenant too" },
    id: { type: "string", valueHint: "cac_…", description: "Only this account (with --remote)" },
    "dry-run": { type: "boolean", description: "Show what would be sent; send nothing" },
  },
  run: async ({ args, globals }) => {
    const { service } = args;
    const remote = args.remote === true;
    if (args.id && !remote) throw inputError("invalid_input", "--id needs --remote");
    const { env, timeoutMs, profile } = globals;
    const session = openSession({ profile, env, timeoutMs });
    const { connection } = knownService(service, session.profile.connection);
    if (args["dry-run"] === true) {
      showDisconnect(service, { connection }, session.profile, remote);
      return undefined;
    }
    // First at the tenant: what fails there leaves everything as it was.
    const vault = vaultOf(session);
    if (args.id) await requireAccount(vault, args.id, connection);
    const removed = remote ? await vault.disconnect(args.id ? { id: args.id } : connection) : [];
    const forgotten = await updateProfile(
      session.name,
      (kept) => {
        const names = args.id ? [] : [service.toLowerCase(), connection, ...servicesOf(connection)];
        const had = keptTokens(kept.connections).some((token) => token.connection === connection);
        for (const [key, entry] of Object.entries(kept.connections)) {
          if (keptTokens({ entry })[0]?.connection === connection) delete kept.connections[key];
        }
        for (const name of names) delete kept.serviceSettings[name];
        return had;
      },
      env,
    );
    // A token that was held here says nothing of an account that is gone at the tenant.
    if (remote ? removed.length === 0 : !forgotten) {
      printResult({ status: "not_connected", service }, () => `${service} is not connected.`);
      return undefined;
    }
    printResult({ status: "disconnected", service, remote }, () =>
      remote
        ? `Disconnected ${service}: ${removed.length} account(s) removed from the vault.`
        : `Forgot the token of ${service}; its account stays in the vault (--remote removes it).`,
    );
    return undefined;
  },
});

/** The runtime takes an id of whichever connection: here it is said beside one. */
async function requireAccount(vault: TokenVault, id: string, connection: string): Promise<void> {
  const account = (await vault.connections()).find((each) => each.id === id);
  if (account?.connection === connection) return;
  const message = account
    ? `the account "${id}" is one of ${account.connection}, not of ${connection}`
    : `there is no account "${id}"`;
  throw inputError("invalid_input", message, "`tvk connections` lists them.");
}

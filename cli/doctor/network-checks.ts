/** @module The way to the tenant: its name, its certificate, the clocks, and its metadata. */
import { lookup } from "node:dns/promises";
import { connect } from "node:tls";
import type { Chain } from "./chain.ts";
import { type Check, failed, ok } from "./check.ts";

/** What ID tokens are checked with; a clock that differs more makes sign-in fail. */
const TOLERANCE_MS = 30_000;

export const networkChecks: readonly Check[] = [
  {
    id: "dns",
    needs: [],
    run: async ({ issuer }) => {
      const host = hostOf(issuer);
      try {
        const { address } = await lookup(host);
        return ok(`${host} is ${address}`);
      } catch (error) {
        return failed(
          `${host} has no address (${codeOf(error)})`,
          "Check the profile's domain and the network: tvk login --reconfigure asks for another.",
        );
      }
    },
  },
  {
    id: "tls",
    needs: ["dns"],
    run: async (chain) => {
      try {
        const until = await certificateEnd(chain);
        return ok(`the certificate is trusted, until ${until}`);
      } catch (error) {
        return tlsFailure(chain, codeOf(error));
      }
    },
  },
  {
    id: "discovery",
    needs: ["tls"],
    run: async ({ issuer, get }) => {
      const { status, body } = await get(".well-known/openid-configuration");
      const byHand = "Use the domain that the tenant itself names: canonical or custom, not a mix.";
      if (status !== 200) return failed(`the metadata answered ${status}`, byHand);
      const { issuer: named } = body;
      if (named !== issuer) return failed(`the tenant calls itself ${String(named)}`, byHand);
      const names = ["authorization_endpoint", "token_endpoint", "jwks_uri"];
      const elsewhere = names.filter((name) => originOf(body[name]) !== new URL(issuer).origin);
      return elsewhere.length === 0
        ? ok(`issuer ${issuer}`)
        : failed(`the metadata has its ${elsewhere.join(", ")} elsewhere`, byHand);
    },
  },
  {
    id: "clock",
    needs: ["tls"],
    run: async ({ get, now }) => {
      const { date } = await get(".well-known/openid-configuration");
      if (Number.isNaN(date)) return ok("the tenant does not say its time");
      // The header has whole seconds.
      const skewMs = Math.max(0, Math.abs(now() - date) - 1000);
      const seconds = Math.round(skewMs / 1000);
      return skewMs <= TOLERANCE_MS
        ? ok(`this machine and the tenant differ by ${seconds} s`)
        : failed(
            `this machine's clock is ${seconds} s ${now() > date ? "ahead of" : "behind"} the tenant's`,
            "Set the clock: timedatectl set-ntp true, or the system's date settings.",
          );
    },
  },
];

function tlsFailure({ session, issuer }: Chain, code: string) {
  const { local, caFile, domain, stack } = { stack: undefined, ...session.profile };
  const untrusted = /CERT|SIGNATURE|ISSUER/.test(code);
  if (local && !untrusted) {
    return failed(`nothing answers at ${domain} (${code})`, "Run: tvk tenant start");
  }
  if (local) {
    const hint = `Run: tvk up${stack === undefined ? "" : ` --stack ${stack}`}`;
    return failed(`${domain} has a certificate of another authority than ${caFile}`, hint);
  }
  return untrusted
    ? failed(
        `the certificate of ${hostOf(issuer)} is not trusted (${code})`,
        "Set NODE_EXTRA_CA_CERTS to the authority's PEM file, if a proxy of yours signs it.",
      )
    : failed(`no TLS connection to ${domain} (${code})`, "Check the network and its proxy.");
}

/** Makes one handshake with the authorities that this process trusts. */
function certificateEnd({ issuer, session }: Chain): Promise<string> {
  const { port } = new URL(issuer);
  const host = hostOf(issuer);
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port: Number(port || 443), servername: host }, () => {
      resolve(socket.getPeerCertificate().valid_to);
      socket.end();
    });
    socket.setTimeout(session.timeoutMs, () =>
      socket.destroy(Object.assign(new Error("no answer"), { code: "TIMEOUT" })),
    );
    socket.on("error", reject);
  });
}

function hostOf(url: string) {
  return new URL(url).hostname;
}

function originOf(url: unknown) {
  return URL.canParse(String(url)) ? new URL(String(url)).origin : undefined;
}

function codeOf(error: unknown) {
  const { code, message } = error as { code?: string; message?: string };
  return code ?? message ?? "failed";
}

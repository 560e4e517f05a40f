/** @module The tenant's keys over time: one signs, those before it verify until they are revoked. */
import type { JWK } from "jose";
import { type KeptKey, newKey, type SigningKeys, settingsId, signingKeys } from "./signing-keys.ts";
import type { Store } from "./store.ts";

/** A key's life, times as ISO 8601. */
export interface KeyLife {
  readonly kid: string;
  readonly cert: string;
  readonly pkcs7: string;
  readonly currentSince?: string;
  readonly currentUntil?: string;
  readonly revokedAt?: string;
}

/** Signs with the current key and verifies with every one that is not revoked. */
export interface RotatingKeys extends SigningKeys {
  /** The current one first. */
  all(): KeyLife[];
  /** A new key signs from now on. */
  rotate(): Promise<KeyLife>;
  /** What the key signed is no longer good; undefined: it is the current one, or there is none. */
  revoke(kid: string): KeyLife | undefined;
}

interface KeptLife extends KeptKey {
  currentSince?: string;
  currentUntil?: string;
  revokedAt?: string;
}

const previousId = "signing-keys-previous";

/** @param key The current one, as the store has it. */
export function rotatingKeys(
  store: Store,
  key: KeptKey,
  settings: { issuer: string; now: () => number },
): RotatingKeys {
  let current: KeptLife = key;
  const opened = new Map<string, SigningKeys>();
  const open = (kept: KeptLife): SigningKeys => {
    const known = opened.get(kept.kid);
    if (known) return known;
    const keys = signingKeys(kept, settings);
    opened.set(kept.kid, keys);
    return keys;
  };
  let previous = (store.settings.get(previousId)?.["keys"] ?? []) as KeptLife[];
  const valid = () => previous.filter(({ revokedAt }) => revokedAt === undefined);
  const date = () => new Date(settings.now() * 1000).toISOString();
  const life = (kept: KeptLife): KeyLife => {
    const { key: _, ...rest } = kept;
    return { ...rest, ...open(kept).certificate() };
  };
  return {
    get kid() {
      return current.kid;
    },
    jwks: () => ({
      keys: [current, ...valid()].flatMap((kept): JWK[] => open(kept).jwks().keys),
    }),
    certificate: () => open(current).certificate(),
    sign: (claims, options) => open(current).sign(claims, options),
    verify(jwt, options) {
      const kid = kidOf(jwt);
      return open(valid().find((kept) => kept.kid === kid) ?? current).verify(jwt, options);
    },
    all: () => [current, ...previous].map(life),
    async rotate() {
      const fresh: KeptLife = { ...(await newKey()), currentSince: date() };
      store.transaction(() => {
        previous = [{ ...current, currentUntil: date() }, ...previous];
        current = fresh;
        store.settings.put(settingsId, { ...fresh });
        store.settings.put(previousId, { keys: previous });
      });
      return life(fresh);
    },
    revoke(kid) {
      const found = valid().find((kept) => kept.kid === kid);
      if (found === undefined) return undefined;
      const revoked = { ...found, revokedAt: date() };
      previous = previous.map((kept) => (kept === found ? revoked : kept));
      store.settings.put(previousId, { keys: previous });
      return life(revoked);
    },
  };
}

function kidOf(jwt: string): unknown {
  try {
    const header: unknown = JSON.parse(
      Buffer.from(jwt.split(".")[0] ?? "", "base64url").toString(),
    );
    return typeof header === "object" && header !== null && "kid" in header
      ? header.kid
      : undefined;
  } catch {
    return undefined;
  }
}

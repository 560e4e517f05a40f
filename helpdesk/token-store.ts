/** @module Where oidc-provider keeps what it issues: one SQLite table, tokens only as keyed hashes. */
import { createHmac } from "node:crypto";
import type { DatabaseSync } from "node:sqlite";
import { type Adapter, type AdapterFactory, type AdapterPayload, errors } from "oidc-provider";

/** How long a dead row is kept, so that a late use is told "expired" and not "unknown". */
const graceSeconds = 3600;

/** Every so many writes the dead rows are swept. */
const sweepEvery = 200;

/**
 * Makes the storage of authorization codes, tokens, grants, sessions and interactions.
 *
 * The value a client holds is never written: a row is found by its HMAC under the token secret, and
 * the value is taken out of the payload and put back when the row is found by it. So a copy of the
 * file gives no working token, and another token secret finds none of them.
 */
export function tokenStore(database: DatabaseSync, tokenSecret: string): AdapterFactory {
  const key = createHmac("sha256", tokenSecret).update("helpdesk token store").digest();
  const hash = (kind: string, value: string) =>
    createHmac("sha256", key).update(`${kind}\0${value}`).digest("base64url");
  const statements = {
    upsert: database.prepare(
      `INSERT INTO oauth_artifacts (kind, id, grant_id, uid, payload, expires_at)
       VALUES (:kind, :id, :grant, :uid, :payload, :expires)
       ON CONFLICT (kind, id) DO UPDATE SET grant_id = excluded.grant_id, uid = excluded.uid,
         payload = excluded.payload, expires_at = excluded.expires_at`,
    ),
    find: database.prepare(
      "SELECT payload, consumed_at FROM oauth_artifacts WHERE kind=? AND id=?",
    ),
    findByUid: database.prepare(
      "SELECT payload, consumed_at FROM oauth_artifacts WHERE kind = ? AND uid = ?",
    ),
    consume: database.prepare(
      "UPDATE oauth_artifacts SET consumed_at=? WHERE kind=? AND id=? AND consumed_at IS NULL",
    ),
    destroy: database.prepare("DELETE FROM oauth_artifacts WHERE kind = ? AND id = ?"),
    revoke: database.prepare("DELETE FROM oauth_artifacts WHERE kind = ? AND grant_id = ?"),
    sweep: database.prepare("DELETE FROM oauth_artifacts WHERE expires_at < ?"),
  };
  let writes = 0;
  const sweep = () => {
    if (writes++ % sweepEvery === 0) statements.sweep.run(epochSeconds() - graceSeconds);
  };

  return (kind): Adapter => ({
    async upsert(id, payload, expiresIn) {
      sweep();
      statements.upsert.run({
        kind,
        id: hash(kind, id),
        grant: payload.grantId ?? null,
        uid: payload.uid ?? null,
        payload: JSON.stringify(withoutValues(payload)),
        expires: Number.isFinite(expiresIn) ? epochSeconds() + expiresIn : null,
      });
    },
    async find(id) {
      const found = toPayload(statements.find.get(kind, hash(kind, id)));
      return found && { ...found, jti: id };
    },
    async findByUid(uid) {
      return toPayload(statements.findByUid.get(kind, uid));
    },
    async findByUserCode() {
      // Only the device flow asks, which is off.
      return undefined;
    },
    async consume(id) {
      // Two requests can both have read the row as unused: the one that comes second loses here.
      const { changes } = statements.consume.run(epochSeconds(), kind, hash(kind, id));
      if (changes === 0) throw new errors.InvalidGrant(`${kind} already consumed`);
    },
    async destroy(id) {
      statements.destroy.run(kind, hash(kind, id));
    },
    async revokeByGrantId(grantId) {
      statements.revoke.run(kind, grantId);
    },
  });
}

function withoutValues({ jti: _jti, session, ...payload }: AdapterPayload): AdapterPayload {
  if (session === undefined) return payload;
  const { cookie: _cookie, ...rest } = session;
  return { ...payload, session: rest };
}

function toPayload(row: Record<string, unknown> | undefined): AdapterPayload | undefined {
  if (row === undefined) return undefined;
  const payload: AdapterPayload = JSON.parse(String(row["payload"]));
  const consumed = row["consumed_at"];
  return consumed === null ? payload : { ...payload, consumed };
}

function epochSeconds(): number {
  return Math.floor(Date.now() / 1000);
}

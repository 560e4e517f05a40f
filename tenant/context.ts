/** @module What every endpoint of the tenant is given. */
import type { Controls } from "./controls/controls.ts";
import type { DroppedFields } from "./dropped-fields.ts";
import type { Identifiers } from "./identifiers.ts";
import type { RotatingKeys } from "./key-rotation.ts";
import type { RateLimit } from "./management/rate-limit.ts";
import type { Store } from "./store.ts";
import type { ProviderOrigins } from "./strategies/built-in.ts";
import type { TenantLogEvent } from "./tenant-log.ts";

export interface TenantContext {
  readonly settings: {
    /** Folder with everything the tenant keeps. */
    readonly dir: string;
    /** `localhost:PORT`. */
    readonly domain: string;
    /** `https://DOMAIN/`, with the slash. */
    readonly issuer: string;
    /** Part of cookie names: cookies don't know ports. Lower-case letters and digits. */
    readonly tenantId: string;
    /** Providers on this machine that take the place of the real ones. */
    readonly providerOrigins: ProviderOrigins;
    /** Enforced on the Management API; absent: none. */
    readonly managementLimit?: RateLimit | undefined;
  };
  readonly store: Store;
  readonly keys: RotatingKeys;
  /** Epoch seconds. */
  readonly now: () => number;
  readonly log: (event: TenantLogEvent) => void;
  /** Writes waiting log events; called before the log is read. */
  readonly flushLog: () => void;
  readonly droppedFields: DroppedFields;
  readonly ids: Identifiers;
  /** Absent where the tenant was started without them. */
  readonly controls?: Controls;
}

/** @module What a rule of the pack is: a resource's own inputs in, what is wrong with them out. */

/** Inputs of a resource. What is not known before an `up` throws when it is read; Pulumi then skips the rule. */
export type Props = Readonly<Record<string, unknown>>;

/** One resource of a stack. */
export interface Declared {
  readonly type: string;
  readonly name: string;
  readonly props: Props;
}

interface Described {
  /** Names the rule in messages and in policy configuration: API, never renamed. */
  readonly name: string;
  readonly description: string;
}

/** A rule that one resource keeps or breaks by itself: checked before it is made. */
export interface ResourceRule extends Described {
  /** The Pulumi type that it is about. */
  readonly type: string;
  /** One sentence for each violation: the property, what was seen, the next step. Empty: the rule is kept. */
  check(props: Props): string[];
}

/** A rule that takes several resources: checked at the end of a preview and of an `up`. */
export interface StackRule extends Described {
  checkStack(resources: readonly Declared[]): string[];
}

export type Rule = ResourceRule | StackRule;

export const types = {
  client: "auth0:index/client:Client",
  clientCredentials: "auth0:index/clientCredentials:ClientCredentials",
  clientGrant: "auth0:index/clientGrant:ClientGrant",
  connection: "auth0:index/connection:Connection",
  connectionClient: "auth0:index/connectionClient:ConnectionClient",
  connectionClients: "auth0:index/connectionClients:ConnectionClients",
} as const;

/** A nested object of the inputs; empty where there is none. */
export function nested(props: Props, key: string): Props {
  const value = props[key];
  return typeof value === "object" && value !== null ? (value as Props) : {};
}

/** A list of texts; empty where there is none. */
export function list(props: Props, key: string): readonly string[] {
  const value = props[key];
  return Array.isArray(value) ? value.map(String) : [];
}

/** What was seen, for a message: a text in quotes, "not set" for nothing. Never given a secret. */
export function seen(value: unknown): string {
  return value === undefined || value === null ? "not set" : JSON.stringify(value);
}

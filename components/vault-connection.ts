/** @module The connection object that every connection component makes: accounts in the vault on, marked, login as asked. */
import { Connection, type ConnectionArgs } from "@pulumi/auth0/connection.js";
import type * as pulumi from "@pulumi/pulumi";
import { marks } from "./marks.ts";

/** What a component's arguments and its provider say of the connection. */
export interface VaultConnection {
  readonly name: string;
  readonly displayName?: string | undefined;
  readonly strategy: string;
  /** Whether users can sign in to applications with it. */
  readonly offersLogin: boolean;
  readonly options: NonNullable<ConnectionArgs["options"]>;
  readonly owner?: string | undefined;
  readonly expires?: string | undefined;
}

/** Declares `{name}-connection` as a child of the component of this name. */
export function vaultConnection(
  parent: pulumi.ComponentResource,
  componentName: string,
  { name, displayName, strategy, offersLogin, options, ...whose }: VaultConnection,
): Connection {
  const childName = `${componentName}-connection`;
  return new Connection(
    childName,
    {
      name,
      ...(displayName === undefined ? {} : { displayName }),
      strategy,
      authentication: { active: offersLogin },
      connectedAccounts: { active: true },
      metadata: {
        ...marks("auth0:index/connection:Connection", childName, parent, whose),
        // The policy pack holds the object to it.
        ...(offersLogin ? {} : { tvk_vault_only: "true" }),
      },
      options,
    },
    { parent },
  );
}

/** What is wrong with a connection's name; undefined where nothing is (Management API description). */
export function connectionNameProblem(name: string): string | undefined {
  if (/^[a-zA-Z0-9](-[a-zA-Z0-9]|[a-zA-Z0-9])*$/.test(name) && name.length <= 128) return undefined;
  return `"${name}" is not 1 to 128 letters, digits and single dashes`;
}

const former = new WeakMap<pulumi.ComponentResource, readonly string[]>();

/**
 * Remembers what a component was called before, by its aliases: what joins it carries its name, and has to
 * keep its own identity. An alias that is an output is not known yet, and left out.
 */
export function rememberNames(
  component: pulumi.ComponentResource,
  opts: pulumi.ComponentResourceOptions | undefined,
): void {
  const names = (opts?.aliases ?? []).flatMap((alias) => {
    const name =
      typeof alias === "string" ? alias.split("::").at(-1) : (alias as { name?: unknown }).name;
    return typeof name === "string" ? [name] : [];
  });
  former.set(component, names);
}

/** The names that {@link rememberNames} was given. */
export function formerNames(component: pulumi.ComponentResource): readonly string[] {
  return former.get(component) ?? [];
}

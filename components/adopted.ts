/** @module The properties in which a stack's adopted objects differ from what the components would declare. */
import * as pulumi from "@pulumi/pulumi";

/**
 * By a resource's name, then by a property's path (`options.pkceEnabled`): the value that the object
 * has. null is a property that it has not. `tvk import` writes it; who deletes a line lets the
 * component have its way in that, which the next preview shows.
 */
export type Adopted = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Lets every resource that is named keep what it has. To be called before the first resource is declared. */
export function keepAdopted(adopted: Adopted): void {
  if (Object.keys(adopted).length === 0) return;
  // A transform of the engine's kind asks the program back while it registers, and a rejection there has no
  // reason that could be shown (engine 3.245); this one is a call within the program.
  pulumi.runtime.registerStackTransformation(({ type, name, props, opts }) => {
    const own = type.startsWith("auth0:") ? adopted[name] : undefined;
    if (own === undefined) return undefined;
    let kept: unknown = props;
    for (const [path, value] of Object.entries(own))
      kept = withProperty(kept, path.split("."), value);
    return { props: kept as Record<string, unknown>, opts };
  });
}

function withProperty(value: unknown, path: readonly string[], wanted: unknown): unknown {
  const [key, ...rest] = path;
  if (key === undefined) return wanted;
  if (pulumi.Output.isInstance(value)) {
    return value.apply((known) => withProperty(known, path, wanted));
  }
  const { [key]: before, ...others } = (value ?? {}) as Record<string, unknown>;
  const after = withProperty(before, rest, wanted);
  // A list of properties, in which null is the one that is not there.
  return after === null || after === undefined ? others : { ...others, [key]: after };
}

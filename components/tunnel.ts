/** @module The address at which Auth0 reaches the internal API. */
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link Tunnel}. */
export interface TunnelArgs {
  /** `none`: the API's own address is used as it is. `external`: somebody else runs the tunnel. */
  readonly kind: "none" | "external";
  /** Where the API listens. */
  readonly target: pulumi.Input<string>;
  /** The tunnel's public https URL, for `external`. */
  readonly url?: pulumi.Input<string> | undefined;
}

/**
 * The way from Auth0 to an API that is not on the public internet.
 *
 * Owns no child for `none` and `external`: it is the one place that says which address is public, so
 * that a changed URL flows into the connection's endpoints and the allowed domains.
 *
 * @throws {pulumi.InputPropertiesError} `url` is missing for `external`, or given for `none`.
 */
export class Tunnel extends pulumi.ComponentResource {
  /** The public URL, without a trailing slash. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: TunnelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:Tunnel", name, {}, opts);
    const wrong = problem(args);
    if (wrong !== undefined) {
      throw new pulumi.InputPropertiesError({
        message: `Tunnel "${name}" has a wrong argument`,
        errors: [{ propertyPath: "url", reason: wrong }],
      });
    }
    this.url = pulumi.output(args.url ?? args.target).apply((url) => url.replace(/\/+$/, ""));
    this.registerOutputs({ url: this.url });
  }
}

function problem({ kind, url }: TunnelArgs): string | undefined {
  if (kind === "external" && url === undefined) return "is needed for kind `external`";
  if (kind === "none" && url !== undefined) return "goes with kind `external`, not `none`";
  return undefined;
}

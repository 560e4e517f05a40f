/** @module The address at which Auth0 reaches the internal API. */
import * as pulumi from "@pulumi/pulumi";
import { type Supervised, superviseWith } from "./supervised.ts";

/** How the stack runs a tunnel's agent on the machine that runs `pulumi`. */
export interface TunnelAgent extends Supervised {
  /** The agent, a `ServiceSpec` (services/service-spec.ts) without `name` and `instance`. */
  readonly service: object;
}

/** Arguments of {@link Tunnel}. */
export interface TunnelArgs {
  /**
   * `none`: the API's own address is used as it is. `external`: somebody else runs the tunnel. The
   * others: the stack runs its agent.
   */
  readonly kind: "none" | "external" | "cloudflared" | "ngrok" | "ssh";
  /** Where the API listens. */
  readonly target: pulumi.Input<string>;
  /** The public https URL, for `external`. */
  readonly url?: pulumi.Input<string> | undefined;
  /** How the agent is run, for the kinds that have one. */
  readonly agent?: TunnelAgent | undefined;
}

/**
 * The way from Auth0 to an API that is not on the public internet.
 *
 * Owns one child, `{name}-agent`, where the stack runs the tunnel, and none for `none` and
 * `external`. It is the one place that says which address is public, so that a changed URL flows into
 * the connection's endpoints and the allowed domains.
 *
 * @throws {pulumi.InputPropertiesError} An argument is missing for the kind, or does not go with it.
 */
export class Tunnel extends pulumi.ComponentResource {
  /** The public URL, without a trailing slash. Known only when the tunnel is up. */
  readonly url: pulumi.Output<string>;

  constructor(name: string, args: TunnelArgs, opts?: pulumi.ComponentResourceOptions) {
    super("token-vault-kit:index:Tunnel", name, {}, opts);
    const errors = problems(args);
    if (errors.length > 0) {
      throw new pulumi.InputPropertiesError({
        message: `Tunnel "${name}" has a wrong argument`,
        errors,
      });
    }
    const { agent, url, target } = args;
    this.url =
      agent === undefined
        ? pulumi.output(url ?? target).apply((text) => text.replace(/\/+$/, ""))
        : this.start(name, agent, target);
    this.registerOutputs({ url: this.url });
  }

  private start(
    name: string,
    agent: TunnelAgent,
    target: pulumi.Input<string>,
  ): pulumi.Output<string> {
    // The target is known when the API answers: a tunnel to nothing could not be told from a broken one.
    const service = pulumi
      .output(target)
      .apply(() => ({ ...agent.service, name: `${pulumi.getStack()}-${name}` }));
    return superviseWith(this, `${name}-agent`, agent, service).apply(
      (said) => (JSON.parse(said) as { url: string }).url,
    );
  }
}

function problems({ kind, url, agent }: TunnelArgs): { propertyPath: string; reason: string }[] {
  const found: { propertyPath: string; reason: string }[] = [];
  const runs = kind !== "none" && kind !== "external";
  if (kind === "external" && url === undefined) {
    found.push({ propertyPath: "url", reason: "is needed for kind `external`" });
  }
  if (kind === "none" && url !== undefined) {
    found.push({ propertyPath: "url", reason: "goes with kind `external`, not `none`" });
  }
  if (runs !== (agent !== undefined)) {
    const reason = runs ? `is needed for kind \`${kind}\`` : `does not go with kind \`${kind}\``;
    found.push({ propertyPath: "agent", reason });
  }
  return found;
}

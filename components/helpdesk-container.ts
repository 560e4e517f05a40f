/** @module The helpdesk in a container: an image, a volume for its data, and the container itself. */
import { createRequire } from "node:module";
import type * as docker from "@pulumi/docker";
import * as pulumi from "@pulumi/pulumi";
import type { HelpdeskOAuth } from "./helpdesk-oauth.ts";
import { marks } from "./marks.ts";

/** How the stack runs the helpdesk in a container. */
export interface HelpdeskContainer {
  /** Port on the machine of the Docker daemon. */
  readonly port: number;
  /** Address there that the port is bound to. Default 127.0.0.1: this machine alone. */
  readonly bindAddress?: string | undefined;
  /** Folder that the image is built from, from the project's folder. */
  readonly context: string;
  /** Image to build on. Default: the Dockerfile's, `node:24-slim`. */
  readonly baseImage?: string | undefined;
  /** Name of the image, the volume and the container: another stack on the same daemon has another. */
  readonly objectName: string;
  /** Signs the helpdesk's session cookies. */
  readonly sessionSecret: pulumi.Input<string>;
  /** Keys the hashes under which the helpdesk keeps tokens. */
  readonly tokenSecret: pulumi.Input<string>;
}

/** Where the container listens, as the image has it. */
const innerPort = 3001;
/** How long the helpdesk has to answer, and to end, in seconds. */
const startSeconds = 60;
const endSeconds = 10;

/**
 * Declares image, volume and container as children of the helpdesk.
 *
 * @returns Its address on the daemon's machine, known when it is healthy.
 */
export function helpdeskInContainer(
  parent: pulumi.ComponentResource,
  name: string,
  args: HelpdeskOAuth,
  container: HelpdeskContainer,
): pulumi.Output<string> {
  const { objectName, port, baseImage } = container;
  const url = `http://localhost:${port}`;
  const { Image, Volume, Container } = dockerResources();
  const image = new Image(
    `${name}-image`,
    {
      imageName: `${objectName}:latest`,
      build: {
        context: container.context,
        dockerfile: `${container.context}/Dockerfile`,
        ...(baseImage === undefined ? {} : { args: { BASE: baseImage } }),
      },
      skipPush: true,
    },
    { parent },
  );
  const volume = new Volume(
    `${name}-data`,
    {
      name: objectName,
      labels: labels("docker:index/volume:Volume", `${name}-data`, parent, args),
    },
    { parent },
  );
  const running = new Container(
    `${name}-container`,
    {
      name: objectName,
      // An id, not a name: another build is another container.
      image: image.repoDigest,
      envs: variables(args, container, url),
      ports: [{ internal: innerPort, external: port, ip: container.bindAddress ?? "127.0.0.1" }],
      volumes: [{ volumeName: volume.name, containerPath: "/data" }],
      labels: labels("docker:index/container:Container", `${name}-container`, parent, args),
      restart: "unless-stopped",
      // It writes to its volume and nowhere else, and needs no power over the machine.
      readOnly: true,
      tmpfs: { "/tmp": "" },
      capabilities: { drops: ["ALL"] },
      securityOpts: ["no-new-privileges"],
      wait: true,
      waitTimeout: startSeconds,
      destroyGraceSeconds: endSeconds,
    },
    // It holds its name and its port: the old one has to go before the new one can start.
    { parent, deleteBeforeReplace: true },
  );
  return running.id.apply(() => url);
}

function variables(
  args: HelpdeskOAuth,
  { sessionSecret, tokenSecret }: HelpdeskContainer,
  url: string,
): pulumi.Input<string>[] {
  const { publicUrl = url, trustedHosts = [], clientId, clientSecret, redirectUris } = args;
  const secret = (variable: string, value: pulumi.Input<string>) =>
    pulumi.secret(pulumi.interpolate`${variable}=${value}`);
  return [
    pulumi.interpolate`HELPDESK_PUBLIC_URL=${publicUrl}`,
    ...(trustedHosts.length === 0 ? [] : [`HELPDESK_TRUSTED_HOSTS=${trustedHosts.join(",")}`]),
    `OAUTH2_CLIENT_ID=${clientId}`,
    secret("OAUTH2_CLIENT_SECRET", clientSecret),
    `OAUTH2_REDIRECT_URI=${redirectUris.join(",")}`,
    secret("SESSION_SECRET", sessionSecret),
    secret("TOKEN_SECRET", tokenSecret),
  ];
}

/**
 * The stack's marks, and the tenant that sends browsers back to: another folder's environment of the same
 * name on the same daemon is another tenant's. No expiry: a label can't be renewed without a new container.
 */
function labels(
  type: string,
  name: string,
  parent: pulumi.ComponentResource,
  { redirectUris: [first = ""] }: HelpdeskOAuth,
): { label: string; value: pulumi.Input<string> }[] {
  const tenant = URL.canParse(first) ? new URL(first).host : "";
  return Object.entries({ ...marks(type, name, parent, {}), tvk_tenant: tenant }).map(
    ([label, value]) => ({ label, value }),
  );
}

/** Loaded here and not with this file: who has no container need not install it. */
function dockerResources(): Pick<typeof docker, "Image" | "Volume" | "Container"> {
  const require = createRequire(import.meta.url);
  try {
    return {
      Image: require("@pulumi/docker/image.js").Image,
      Volume: require("@pulumi/docker/volume.js").Volume,
      Container: require("@pulumi/docker/container.js").Container,
    };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "MODULE_NOT_FOUND") throw error;
    throw new pulumi.RunError(
      "Helpdesk runs its container with @pulumi/docker, which is not installed; run npm install @pulumi/docker",
    );
  }
}

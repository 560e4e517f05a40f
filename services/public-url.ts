/** @module The public URL of a tunnel, as its agent's own local API tells it: never read from log lines. */

/** Whose API it is. */
export const publicUrlApis = ["cloudflared", "ngrok"] as const;

/** The endpoint that tells the URL. */
export interface PublicUrlApi {
  /** `cloudflared`: the metrics server's `/quicktunnel`. `ngrok`: `/api/tunnels`. */
  readonly api: (typeof publicUrlApis)[number];
  /** On loopback. */
  readonly url: string;
}

/** How long one question may take, in milliseconds. */
const askMs = 2_000;

/** Asks the agent. Undefined where it does not answer, or has no URL yet; never rejects. */
export async function readPublicUrl({ api, url }: PublicUrlApi): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(askMs), redirect: "error" });
    const found = response.ok ? readers[api](await response.json()) : undefined;
    return found !== undefined && URL.canParse(found) ? new URL(found).origin : undefined;
  } catch {
    return undefined;
  }
}

const readers = { cloudflared: fromCloudflared, ngrok: fromNgrok };

/** `{"hostname":"some-words.trycloudflare.com"}`; an empty name until the tunnel has one. */
function fromCloudflared(answer: unknown): string | undefined {
  const { hostname } = (answer ?? {}) as { hostname?: unknown };
  return typeof hostname === "string" && hostname !== "" ? `https://${hostname}` : undefined;
}

/** `{"tunnels":[{"public_url":"https://…","proto":"https",…}],…}`; an empty list until there is one. */
function fromNgrok(answer: unknown): string | undefined {
  const { tunnels } = (answer ?? {}) as { tunnels?: unknown };
  if (!Array.isArray(tunnels)) return undefined;
  const urls = tunnels.map((tunnel: { public_url?: unknown } | null) => tunnel?.public_url);
  return urls.filter((url) => typeof url === "string").find((url) => url.startsWith("https://"));
}

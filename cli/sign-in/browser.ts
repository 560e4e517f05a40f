/** @module Shows a page to the person: prints its address, and opens it where there is a desktop. */
import { spawn } from "node:child_process";
import { say } from "../output.ts";

/** Brings the user's browser to a page. A scripted user can take its place. */
export type Visit = (url: string) => Promise<void>;

/**
 * A visit by the person: the address on stderr always; a browser only on a terminal with a desktop, or
 * if one is named.
 *
 * @param purpose Completes "Open this page to …".
 * @param app The browser's name or command.
 */
export function personVisit(
  purpose: string,
  app: string | undefined,
  env: NodeJS.ProcessEnv,
): Visit {
  return async (url) => {
    say(`Open this page to ${purpose}: ${url}`);
    if (canOpenBrowser(app, env)) openPage(url, app);
  };
}

/** Whether there is a desktop, or a browser was named. */
export function canOpenBrowser(app: string | undefined, env: NodeJS.ProcessEnv): boolean {
  return app !== undefined || hasDesktop(env);
}

function hasDesktop(env: NodeJS.ProcessEnv) {
  if (!process.stderr.isTTY || env["CI"] || env["SSH_CONNECTION"]) return false;
  const windowed = env["DISPLAY"] || env["WAYLAND_DISPLAY"] || env["WSL_DISTRO_NAME"];
  return process.platform === "darwin" || process.platform === "win32" || Boolean(windowed);
}

/** Opens an address, which whoever lists the processes can read. */
export function openPage(url: string, app: string | undefined): void {
  const [command, ...args] = openCommand(app);
  if (command === undefined) return;
  // No shell reads the address. What the browser says and how it ends is not ours.
  const child = spawn(command, [...args, url], { stdio: "ignore", detached: true });
  child.on("error", () => say(`${command} does not start; open the page by hand.`));
  child.unref();
}

function openCommand(app: string | undefined): string[] {
  if (process.platform === "darwin") return app ? ["open", "-a", app] : ["open"];
  if (app) return [app];
  return process.platform === "win32" ? ["rundll32", "url.dll,FileProtocolHandler"] : ["xdg-open"];
}

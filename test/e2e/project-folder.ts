/** A project of its own in a temporary folder: the repository's rooms by link, ports and state of its own. */
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { stringify } from "yaml";
import type { Visit } from "../../cli/sign-in/browser.ts";
import { type DemoUser, demoVisitor } from "../../cli/sign-in/demo-user.ts";
import { trustAuthority } from "../../cli/tenant/trusted-authority.ts";
import { supervisor } from "../../services/supervisor.ts";
import { freePorts } from "../free-ports.ts";

const repository = resolve(import.meta.dirname, "../..");
const linked = [
  "cli",
  "components",
  "engine",
  "environments",
  "adoption",
  "helpdesk",
  "index.ts",
  "locks",
  "node_modules",
  "package.json",
  "policy",
  "program.mjs",
  "Pulumi.yaml",
  "runtime",
  "scripts",
  "services",
  "tenant",
];

export interface RunResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
  /** Both, in the order of each. */
  readonly text: string;
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly input?: string;
  /** Takes the place of the person's browser: acts on the address that the command prints. */
  readonly user?: DemoUser;
  /** The same by a browser of the test's own; a visit that fails ends the command. */
  readonly visit?: Visit;
}

export interface ProjectFolder {
  readonly dir: string;
  readonly tenantPort: number;
  readonly helpdeskPort: number;
  /** Runs `tvk` there. */
  tvk(args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** Runs any program there. */
  run(command: string, args: readonly string[], options?: RunOptions): Promise<RunResult>;
  /** The parsed standard output of `tvk --json …`; the run must have ended with `exitCode`. */
  json(args: readonly string[], exitCode?: number, options?: RunOptions): Promise<unknown>;
  /** Writes a stack's committed configuration: a local stack, with these keys beside. */
  configure(stack: string, config?: Readonly<Record<string, unknown>>): void;
  /** Calls the local tenant's Management API as its own machine-to-machine application. */
  management(method: string, path: string, body?: unknown): Promise<unknown>;
  remove(): Promise<void>;
}

/** Makes a project folder with a stack `dev`. Its tenant is started by whichever command needs it. */
export async function projectFolder(): Promise<ProjectFolder> {
  const dir = mkdtempSync(join(tmpdir(), "tvk-e2e-"));
  for (const name of linked) symlinkSync(join(repository, name), join(dir, name));
  const [tenantPort, helpdeskPort] = await freePorts(2);
  if (tenantPort === undefined || helpdeskPort === undefined) throw new Error("no free ports");
  const env = {
    TVK_CONFIG_DIR: join(dir, "config"),
    TVK_TENANT_PORT: String(tenantPort),
    CI: "true",
  };
  const folder: ProjectFolder = {
    dir,
    tenantPort,
    helpdeskPort,
    run: (command, args, options = {}) =>
      run(command, args, dir, { ...options, env: { ...env, ...options.env } }),
    tvk: (args, options) =>
      folder.run(process.execPath, [join(dir, "cli/tvk.mjs"), ...args], options),
    async json(args, exitCode = 0, options) {
      const result = await folder.tvk(["--json", ...args], options);
      if (result.exitCode !== exitCode)
        throw new Error(`tvk ${args.join(" ")} ended with ${result.exitCode}:\n${result.text}`);
      return JSON.parse(result.stdout);
    },
    configure(stack, config = {}) {
      const keys = {
        tenant: "local",
        helpdesk: { mode: "process", port: helpdeskPort },
        ...config,
      };
      const named = Object.entries(keys).map(([key, value]) => [`token-vault-kit:${key}`, value]);
      writeFileSync(
        join(dir, `Pulumi.${stack}.yaml`),
        stringify({ config: Object.fromEntries(named) }),
      );
    },
    management: (method, path, body) => callManagement(dir, method, path, body),
    async remove() {
      const services = supervisor(join(dir, ".tvk/services"));
      for (const { name } of await services.status()) await services.stop(name);
      rmSync(dir, { recursive: true, force: true });
    },
  };
  mkdirSync(join(dir, "config"), { mode: 0o700 });
  folder.configure("dev");
  return folder;
}

function run(
  command: string,
  args: readonly string[],
  cwd: string,
  options: RunOptions,
): Promise<RunResult> {
  return new Promise((done, fail) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...options.env },
      stdio: ["pipe", "pipe", "pipe"],
    });
    const texts = { stdout: "", stderr: "", text: "" };
    const visit = visitOf(options, cwd);
    let visited = false;
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (piece: string) => {
        texts[name] += piece;
        texts.text += piece;
        const page = /Open this page to [^:]+: (https:\S+)\n/.exec(texts.text)?.[1];
        if (visit !== undefined && page !== undefined && !visited) {
          visited = true;
          visit(page).catch((error: unknown) => {
            texts.text += `\n[the user] ${error}`;
            // The command learns of most failures by itself and says more; this is for the others.
            setTimeout(() => child.kill("SIGINT"), 15_000).unref();
          });
        }
      });
    }
    child.on("error", fail);
    child.on("close", (code) => done({ exitCode: code ?? -1, ...texts }));
    // A program that reads no input may end before it gets any.
    child.stdin.on("error", () => {});
    child.stdin.end(options.input ?? "");
  });
}

function visitOf({ user, visit }: RunOptions, cwd: string): Visit | undefined {
  if (user === undefined) return visit;
  return async (url) => {
    trustAuthority(join(cwd, ".tvk/tenant/ca.pem"));
    await demoVisitor(user)(url);
  };
}

interface ManagementClient {
  readonly domain: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

async function callManagement(
  dir: string,
  method: string,
  path: string,
  body: unknown,
): Promise<unknown> {
  const folder = join(dir, ".tvk/tenant");
  const client: ManagementClient = JSON.parse(
    readFileSync(join(folder, "management-client.json"), "utf8"),
  );
  trustAuthority(join(folder, "ca.pem"));
  const granted = await fetch(`https://${client.domain}/oauth/token`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      grant_type: "client_credentials",
      client_id: client.clientId,
      client_secret: client.clientSecret,
      audience: `https://${client.domain}/api/v2/`,
    }),
  });
  const { access_token: token } = (await granted.json()) as { access_token: string };
  const response = await fetch(`https://${client.domain}/api/v2${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return text === "" ? undefined : JSON.parse(text);
}

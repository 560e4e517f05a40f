/** One run of the model: operations on a stack of the real engine, one after the other, and what must hold. */
import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import fc from "fast-check";
import { startLocalTenant } from "../../cli/tenant/local-tenant.ts";
import { type Form, type KillBench, killBench, killNow, type Victim } from "../e2e/kill-bench.ts";
import { type Fate, type Point, points } from "../e2e/stopping-proxy.ts";
import { freePorts } from "../free-ports.ts";

/** What somebody may do to the stack, as data: so that a failing run can be made smaller and repeated. */
export type Operation =
  | { readonly do: "configure"; readonly config: Config }
  | { readonly do: "up" | "preview" | "refresh" | "destroy" }
  | { readonly do: "edit" | "delete"; readonly what: Kind }
  | { readonly do: "kill"; readonly service: "helpdesk" | "tenant" }
  | {
      readonly do: "crash";
      readonly victim: Victim;
      readonly request: number;
      readonly point: Point;
    }
  | { readonly do: "lose"; readonly request: number; readonly point: "before" | "applied" }
  | { readonly do: "refuse"; readonly request: number; readonly status: Refusal };

interface Config {
  readonly scopes: readonly string[];
  readonly clientName: string;
  readonly displayName: string;
  /** Which of two ports. */
  readonly port: 0 | 1;
}

type Kind = (typeof kinds)[number];
type Refusal = (typeof refusals)[number];

/** How long a run may take to come to a request, in milliseconds: a no-op makes fewer than are counted. */
const runMs = 90_000;
/** A first `up` makes about this many requests. */
const requests = 16;
const kinds = ["client", "connection", "grant", "enabled clients", "login"] as const;
/** What a tenant in trouble answers instead of doing what it was asked. */
const refusals = [429, 500, 503] as const;
const scopes = ["openid", "profile", "read:tickets", "write:tickets"];
const first: Config = { scopes, clientName: "Agent 0", displayName: "Desk 0", port: 0 };

const request = fc.integer({ min: 1, max: requests });
const simple = (name: "up" | "preview" | "refresh" | "destroy") => fc.constant({ do: name });

/** Any one of them. Where `tvk` stays between runs, it is not killed. */
export const operation = (form: Form): fc.Arbitrary<Operation> =>
  fc.oneof(
    { weight: 3, arbitrary: simple("up") },
    { weight: 1, arbitrary: simple("preview") },
    { weight: 1, arbitrary: simple("refresh") },
    { weight: 1, arbitrary: simple("destroy") },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constant("configure" as const),
        config: fc.record({
          scopes: fc.subarray(scopes, { minLength: 1 }),
          clientName: fc.constantFrom("Agent 0", "Agent 1"),
          displayName: fc.constantFrom("Desk 0", "Desk 1"),
          // Rarely the other one: it starts the helpdesk anew, which takes as long as two runs of the engine.
          port: fc.constantFrom<0 | 1>(0, 0, 0, 0, 1),
        }),
      }),
    },
    {
      weight: 3,
      arbitrary: fc.record({
        do: fc.constantFrom("edit" as const, "delete" as const),
        what: fc.constantFrom(...kinds),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("kill" as const),
        service: fc.constantFrom("helpdesk" as const, "tenant" as const),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("crash" as const),
        victim: fc.constantFrom<Victim>(
          ...(form === "whole" ? (["tvk"] as const) : []),
          "engine",
          "auth0 plugin",
        ),
        request,
        point: fc.constantFrom(...points),
      }),
    },
    {
      weight: 2,
      arbitrary: fc.record({
        do: fc.constant("lose" as const),
        request,
        point: fc.constantFrom("before" as const, "applied" as const),
      }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        do: fc.constant("refuse" as const),
        request,
        status: fc.constantFrom(...refusals),
      }),
    },
  );

export interface StackModel {
  /** Runs the operations on a stack that begins as nothing, and ends with nothing. Throws what does not hold. */
  run(operations: readonly Operation[]): Promise<void>;
  close(): Promise<void>;
}

export async function stackModel(form: Form): Promise<StackModel> {
  const bench = await killBench(form);
  const ports = [bench.project.helpdeskPort, ...(await freePorts(1))];
  return {
    async run(operations) {
      await bench.reset();
      const stack = new ModelledStack(bench, ports);
      const filesBefore = outsideTvk(bench.project.dir);
      stack.configure(first);
      const done: string[] = [];
      try {
        for (const each of operations) {
          done.push(JSON.stringify(each));
          await stack.apply(each);
        }
        done.push("the end");
        await stack.end(filesBefore);
      } catch (error) {
        throw new Error(`after ${done.join(" ")}:\n${String(error)}`, { cause: error });
      }
    },
    close: () => bench.close(),
  };
}

interface Found {
  readonly id: string;
  readonly client_id: string;
  readonly name: string;
  readonly strategy?: string;
  readonly display_name?: string;
  readonly options?: Record<string, unknown>;
  readonly client_metadata?: Record<string, string>;
  readonly metadata?: Record<string, string>;
}

class ModelledStack {
  private readonly bench: KillBench;
  private readonly ports: readonly number[];
  private config = first;
  /** Somebody has been at the objects since the last refresh: an `up` must look first. */
  private drifted = false;

  constructor(bench: KillBench, ports: readonly number[]) {
    this.bench = bench;
    this.ports = ports;
  }

  configure(config: Config): void {
    this.config = config;
    const { port, ...rest } = config;
    const helpdesk = { mode: "process", port: this.ports[port] };
    this.bench.project.configure("dev", { ...rest, helpdesk });
  }

  async apply(operation: Operation): Promise<void> {
    switch (operation.do) {
      case "configure":
        return this.configure(operation.config);
      case "up":
        return this.up();
      case "preview":
        return this.succeed(["preview"]);
      case "refresh":
        await this.succeed(["pulumi", "--", "refresh", "--yes", "--skip-preview"]);
        this.drifted = false;
        return;
      case "destroy":
        await this.succeed(["destroy"]);
        this.drifted = false;
        return this.nothingLeft();
      case "edit":
      case "delete":
        return this.touch(operation.what, operation.do);
      case "kill":
        return this.kill(operation.service);
      case "crash":
        return this.disturb(operation, operation.victim, "drop");
      case "lose":
        return this.disturb(operation, undefined, "drop");
      case "refuse":
        return this.disturb({ ...operation, point: "before" }, undefined, operation.status);
      default:
        return operation satisfies never;
    }
  }

  /** Whatever happened: the next `up` arrives where the program says, a second is a no-op, destroy leaves nothing. */
  async end(filesBefore: readonly string[]): Promise<void> {
    await this.up();
    await this.succeed(["up", "--", "--skip-preview", "--expect-no-changes"]);
    await this.succeed(["destroy"]);
    await this.nothingLeft();
    const files = outsideTvk(this.bench.project.dir);
    if (files.join() !== filesBefore.join()) throw new Error(`files outside .tvk: ${files.join()}`);
  }

  private async up(): Promise<void> {
    const refresh = this.drifted ? ["--refresh"] : [];
    await this.succeed(["up", "--", "--skip-preview", ...refresh]);
    this.drifted = false;
    const problems = await this.bench.problems();
    const { clients, connections } = await this.marked();
    const [connection] = connections;
    const scope = [...((connection?.options?.["scope"] ?? []) as string[])].sort().join(" ");
    const wanted = [...this.config.scopes].sort().join(" ");
    if (scope !== wanted) problems.push(`the scopes are "${scope}", not "${wanted}"`);
    if (clients[0]?.name !== this.config.clientName) problems.push("the client has another name");
    if (connection?.display_name !== this.config.displayName) problems.push("another display name");
    const health = `http://localhost:${this.ports[this.config.port]}/health`;
    const alive = await fetch(health)
      .then(({ ok }) => ok)
      .catch(() => false);
    if (!alive) problems.push("the helpdesk does not answer");
    if (problems.length > 0) throw new Error(problems.join("; "));
  }

  private async nothingLeft(): Promise<void> {
    const { clients, connections } = await this.marked();
    const names = [...clients, ...connections].map(({ name }) => name);
    if (names.length > 0) throw new Error(`left in the tenant: ${names.join(", ")}`);
    const grants = await this.list("/client-grants?subject_type=user");
    if (grants.length > 0) throw new Error("a grant is left in the tenant");
    if (this.bench.pidOf("helpdesk") !== undefined) throw new Error("the helpdesk still runs");
  }

  /** An `up` that loses a process, or a request or its answer, or is refused. It may fail; what comes after must not. */
  private async disturb(
    { request, point }: { request: number; point: Point },
    victim: Victim | undefined,
    fate: Fate,
  ): Promise<void> {
    const { proxy } = this.bench;
    const there = proxy.stopAt(request, point).then(() => "there" as const);
    const refresh = this.drifted ? ["--refresh"] : [];
    const args = ["up", "--", "--skip-preview", ...refresh];
    const { bench } = this;
    const run =
      victim === undefined ? { pid: undefined, ended: bench.run(args) } : bench.start(args);
    const over = run.ended.then(() => "over" as const);
    if ((await Promise.race([there, over, sleep(runMs, "late" as const)])) === "there") {
      const pid = victim === "tvk" ? run.pid : victim && this.bench.pidOf(victim);
      if (pid !== undefined) await killNow(pid);
      proxy.release(victim === "tvk" ? "pass" : fate);
    } else proxy.release("pass");
    await run.ended;
  }

  private async kill(service: "helpdesk" | "tenant"): Promise<void> {
    const pid = this.bench.pidOf(service);
    if (pid !== undefined) process.kill(pid, "SIGKILL");
    // Its own commands start the tenant again; the model's look-ups do not.
    if (service === "tenant") await startLocalTenant(this.bench.project.dir);
  }

  private async touch(what: Kind, how: "edit" | "delete"): Promise<void> {
    const { clients, connections } = await this.marked();
    const [client] = clients;
    const [connection] = connections;
    if (client === undefined || connection === undefined) return;
    const { management } = this.bench.project;
    const paths = {
      client: `/clients/${client.client_id}`,
      connection: `/connections/${connection.id}`,
    };
    this.drifted = true;
    if (what === "client" || what === "connection") {
      if (how === "delete") await management("DELETE", paths[what]);
      else if (what === "client") await management("PATCH", paths.client, { name: "by hand" });
      else {
        const options = { ...connection.options, scope: ["by:hand"] };
        await management("PATCH", paths.connection, { display_name: "by hand", options });
      }
    } else if (what === "grant") {
      const [grant] = await this.list("/client-grants?subject_type=user");
      if (grant === undefined) return;
      const body = how === "edit" ? { scope: [] } : undefined;
      await management(how === "edit" ? "PATCH" : "DELETE", `/client-grants/${grant.id}`, body);
    } else {
      const login = (await this.list("/connections")).find(({ strategy }) => strategy === "auth0");
      const id = what === "login" ? login?.id : connection.id;
      const off = [{ client_id: client.client_id, status: false }];
      await management("PATCH", `/connections/${id}/clients`, off);
    }
  }

  private async marked() {
    const clients = await this.list("/clients?per_page=100");
    const connections = await this.list("/connections");
    return {
      clients: clients.filter((each) => each.client_metadata?.["tvk_urn"] !== undefined),
      connections: connections.filter((each) => each.metadata?.["tvk_urn"] !== undefined),
    };
  }

  private async list(path: string): Promise<Found[]> {
    return (await this.bench.project.management("GET", path)) as Found[];
  }

  private async succeed(args: readonly string[]): Promise<void> {
    const { exitCode, text } = await this.bench.run(args);
    if (exitCode !== 0) throw new Error(`tvk ${args.join(" ")} ended with ${exitCode}:\n${text}`);
  }
}

/** What is in the project folder, but for the kit's own folder and the test's own configuration. */
function outsideTvk(dir: string): string[] {
  return readdirSync(dir)
    .filter((name) => name !== ".tvk" && name !== "config")
    .sort();
}

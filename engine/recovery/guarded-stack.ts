/** @module What recovery has to know of a stack. */

/** A local stack: its files, and its engine. */
export interface GuardedStack {
  /** Folder of all that the stack keeps (engine/stack-folder.ts). */
  readonly dir: string;
  /** PULUMI_HOME. */
  readonly home: string;
  /** Folder of the file backend. */
  readonly backendDir: string;
  /** The project's name, as Pulumi.yaml has it. */
  readonly project: string;
  readonly stack: string;
  /** What tells its tenant from any other, for a local one: the id of the application that manages it. */
  readonly tenant?: string;
  /** Runs the engine and keeps what it says. */
  pulumi(args: readonly string[]): Promise<EngineResult>;
  /** Tells the user one line. */
  note(line: string): void;
  /**
   * Removes what the stack has made and its state does not know.
   *
   * @param moment Before the run only what would be in its way; after it all.
   * @returns What was removed, in words.
   */
  sweep(left: Known, moment: "before" | "after"): Promise<string[]>;
  /**
   * Makes the next program look again at services that run otherwise than the state has it: a killed update
   * has reached the process and not the state.
   *
   * @param said What the state's commands have said when they were done.
   */
  renewServices(said: readonly string[]): Promise<void>;
}

/** What a state knows. */
export interface Known {
  /** Ids of resources. */
  readonly ids: ReadonlySet<string>;
  /** Their types. */
  readonly types: ReadonlySet<string>;
}

/** What became of a run that nobody watched. */
export interface EngineResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

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
  /** Runs the engine and keeps what it says. */
  pulumi(args: readonly string[]): Promise<EngineResult>;
  /** Tells the user one line. */
  note(line: string): void;
}

/** What became of a run that nobody watched. */
export interface EngineResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** @module The engine, as the user waits for it. */
import type { Engine } from "../../engine/engine.ts";
import { findEngine } from "../../engine/find-engine.ts";
import type { Progress } from "../progress.ts";

/** Finds the engine, showing what goes on. */
export async function foundEngine(progress: Progress): Promise<Engine> {
  const stage = progress.stage("Pulumi engine");
  try {
    const engine = await findEngine({ progress: (detail) => stage.update(detail) });
    stage.done(`${engine.version}, ${engine.origin}`);
    return engine;
  } catch (error) {
    stage.failed();
    throw error;
  }
}

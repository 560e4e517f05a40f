/** @module What the parts of the dashboard are given, and are. */
import type { Context } from "hono";
import type { Params } from "../authentication/body-params.ts";
import type { TenantContext } from "../context.ts";
import type { OwnerSession } from "./owner-session.ts";
import type { answerFrame, Frame, frame } from "./pages/frame.ts";

/** A page or a form of the owner's: called with a session only. */
export type OwnerHandler = (
  context: Context,
  session: OwnerSession,
  form: Params,
) => Response | Promise<Response>;

/** How the dashboard's parts answer. */
export interface Views {
  readonly tenant: TenantContext;
  page(
    context: Context,
    about: Omit<Frame, "domain">,
    content: Parameters<typeof frame>[1],
    options?: Parameters<typeof answerFrame>[2],
  ): Response | Promise<Response>;
  missing(context: Context, session: OwnerSession): Response | Promise<Response>;
}

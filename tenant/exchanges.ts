/** @module Every request and its answer, for whoever watches: Node's diagnostics channel. */
import { channel } from "node:diagnostics_channel";

/** What the channel publishes; both have their bodies still unread. */
export interface Exchange {
  readonly request: Request;
  readonly response: Response;
}

/** Name of the channel. */
export const exchangeChannel = "token-vault-kit:tenant:exchange";

const exchanges = channel(exchangeChannel);

/** Bodies are kept for a watcher only while there is one. */
export function watched<Env>(
  answer: (request: Request, env: Env) => Response | Promise<Response>,
): (request: Request, env: Env) => Response | Promise<Response> {
  return (request, env) =>
    exchanges.hasSubscribers ? published(request, env) : answer(request, env);

  async function published(request: Request, env: Env): Promise<Response> {
    const copy = request.clone();
    const response = await answer(request, env);
    exchanges.publish({ request: copy, response: response.clone() } satisfies Exchange);
    return response;
  }
}

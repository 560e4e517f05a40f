/** @module What `tvk init` must know of a service of somebody's own (docs/own-service.md). */
import { inputError } from "../exit-codes.ts";
import { filledProblem, issuerProblem, urlProblem } from "./answer-problems.ts";

/** The flags about it, as text. */
export interface ServiceFlags {
  readonly issuer: string | undefined;
  readonly authorizationEndpoint: string | undefined;
  readonly tokenEndpoint: string | undefined;
  readonly userinfoEndpoint: string | undefined;
  readonly clientId: string | undefined;
  readonly apiUrl: string | undefined;
}

/** What goes under `service`, but the name and the scopes. */
export interface ServiceAnswers {
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly userinfoEndpoint?: string;
  readonly clientId: string;
  readonly apiUrl: string;
}

/** One field: its flag, the question, and what the answer must be. */
interface ServiceField {
  readonly flag: string;
  readonly message: string;
  readonly problem: (answer: string | undefined) => string | undefined;
}

const fields: { readonly [key in keyof ServiceFlags]: ServiceField } = {
  issuer: {
    flag: "--service-issuer",
    message: "Its issuer (empty: you know its endpoints instead)",
    problem: issuerProblem,
  },
  authorizationEndpoint: {
    flag: "--service-authorization-endpoint",
    message: "Its authorization endpoint",
    problem: urlProblem,
  },
  tokenEndpoint: {
    flag: "--service-token-endpoint",
    message: "Its token endpoint",
    problem: urlProblem,
  },
  userinfoEndpoint: {
    flag: "--service-userinfo-endpoint",
    message: "Its userinfo endpoint",
    problem: urlProblem,
  },
  clientId: {
    flag: "--service-client-id",
    message: "What it calls Auth0 (client id)",
    problem: filledProblem,
  },
  apiUrl: {
    flag: "--service-api-url",
    message: "A GET of its API that needs a token and changes nothing",
    problem: urlProblem,
  },
};

const keys = Object.keys(fields) as (keyof ServiceFlags)[];
const endpointKeys = ["authorizationEndpoint", "tokenEndpoint", "userinfoEndpoint"] as const;

/** Every flag, for a hint. */
export const serviceFlagList = keys.map((key) => fields[key].flag).join(", ");

/** True where a flag speaks of a service. */
export function asksForService(flags: ServiceFlags): boolean {
  return keys.some((key) => flags[key] !== undefined);
}

/**
 * Checks the flags; undefined where none is given.
 *
 * @throws {CliError} `invalid_input`: every flag that is missing or wrong, at once.
 */
export function serviceFromFlags(flags: ServiceFlags): ServiceAnswers | undefined {
  if (!asksForService(flags)) return undefined;
  const needed: (keyof ServiceFlags)[] = ["clientId", "apiUrl"];
  if (flags.issuer === undefined) needed.unshift(...endpointKeys);
  const wrong = keys.flatMap((key) => {
    const { flag, problem } = fields[key];
    const value = flags[key];
    if (value === undefined) return needed.includes(key) ? [`${flag} is missing`] : [];
    const seen = problem(value);
    return seen === undefined ? [] : [`${flag} is "${value}": give ${seen}`];
  });
  if (wrong.length > 0) {
    throw inputError(
      "invalid_input",
      wrong.join("; "),
      `A service is told by its issuer or its endpoints: ${serviceFlagList}.`,
    );
  }
  const given = keys.filter((key) => flags[key] !== undefined);
  return Object.fromEntries(given.map((key) => [key, flags[key]])) as unknown as ServiceAnswers;
}

/** Asks for what the flags do not say: the issuer, or where there is none the endpoints. */
export async function askService(
  flags: ServiceFlags,
  ask: (question: {
    message: string;
    validate: (answer: string | undefined) => string | undefined;
  }) => Promise<string>,
): Promise<ServiceFlags> {
  const answers: { -readonly [key in keyof ServiceFlags]: string | undefined } = { ...flags };
  const known = endpointKeys.some((key) => flags[key] !== undefined);
  if (answers.issuer === undefined && !known) {
    const { message, problem } = fields.issuer;
    const validate = (answer: string | undefined) =>
      (answer ?? "") === "" ? undefined : problem(answer);
    answers.issuer = (await ask({ message, validate })) || undefined;
  }
  const others = answers.issuer === undefined ? endpointKeys : [];
  for (const key of [...others, "clientId", "apiUrl"] as const) {
    const { message, problem } = fields[key];
    answers[key] ??= await ask({ message, validate: problem });
  }
  return answers;
}

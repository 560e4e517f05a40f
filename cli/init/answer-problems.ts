/** @module What an answer of `tvk init` must be; each gives the words for "Give …", or undefined. */

type Problem = (answer: string | undefined) => string | undefined;

const HOST = /^[a-z0-9.-]+(:\d+)?$/i;

export const hostProblem: Problem = (answer) =>
  HOST.test(answer?.trim() ?? "") ? undefined : "a host, like acme.eu.auth0.com";

export const urlProblem: Problem = (answer) => {
  const url = URL.canParse(answer ?? "") ? new URL(answer ?? "") : undefined;
  const loopback = /^(localhost|127\.[\d.]+|\[::1\])$/.test(url?.hostname ?? "");
  const good = url?.protocol === "https:" || (url?.protocol === "http:" && loopback);
  return good ? undefined : "an https URL, like https://desk.example.com";
};

export const portProblem: Problem = (answer) => {
  const port = /^\d{1,5}$/.test(answer ?? "") ? Number(answer) : 0;
  return port >= 1 && port <= 65_535 ? undefined : "a number from 1 to 65535";
};

export const nameProblem: Problem = (answer) =>
  /^[a-zA-Z0-9](-?[a-zA-Z0-9])*$/.test(answer ?? "") && (answer ?? "").length <= 128
    ? undefined
    : "letters, digits and single dashes";

/** What stands at the end of an issuer's metadata is not part of the issuer. */
export const issuerProblem: Problem = (answer) =>
  urlProblem(answer) ??
  (/\/\.well-known\/|[?#]/.test(answer ?? "")
    ? "the issuer alone, like https://auth.example.com"
    : undefined);

export const filledProblem: Problem = (answer) =>
  (answer ?? "").trim() === "" ? "a text that is not empty" : undefined;

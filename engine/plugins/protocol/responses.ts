/** @module What a plugin found, as the engine's protocol says it. */
import providerPb from "@pulumi/pulumi/proto/provider_pb.js";
import { encodeMap } from "./codec.ts";
import { formatPath, within } from "./path.ts";
import type { Checked, Difference, Failure } from "./plugin.ts";
import { secretPaths } from "./secrets.ts";
import type { PropertyMap } from "./value.ts";

type CheckResponse = InstanceType<typeof providerPb.CheckResponse>;
type DiffResponse = InstanceType<typeof providerPb.DiffResponse>;

/** Characters of a wrong input that its failure repeats. */
const mostSeen = 80;

/**
 * The inputs, and each failure with what came, unless it came as a secret.
 *
 * @param news The inputs as they came.
 */
export function checkResponse(checked: Checked, news: PropertyMap): CheckResponse {
  const secrets = secretPaths(news);
  const reasonOf = ({ path, reason, seen }: Failure) =>
    seen === undefined || secrets.some((secret) => within(path, secret))
      ? reason
      : `${reason}, is "${seen.slice(0, mostSeen)}"`;
  const failures = checked.failures.map((failure) =>
    new providerPb.CheckFailure()
      .setProperty(formatPath(failure.path))
      .setReason(reasonOf(failure)),
  );
  return new providerPb.CheckResponse()
    .setInputs(encodeMap(checked.inputs))
    .setFailuresList(failures);
}

/** The changes, each by its path, and by their first names for what shows no more. */
export function diffResponse(difference: Difference): DiffResponse {
  const { DIFF_NONE, DIFF_SOME } = providerPb.DiffResponse.DiffChanges;
  const { changes } = difference;
  const roots = (of: typeof changes) => [...new Set(of.map(({ path }) => String(path[0])))];
  const response = new providerPb.DiffResponse()
    .setChanges(changes.length === 0 ? DIFF_NONE : DIFF_SOME)
    .setDiffsList(roots(changes))
    .setReplacesList(roots(changes.filter(({ replaces }) => replaces)))
    .setStablesList([...difference.stables])
    .setDeletebeforereplace(difference.deleteBeforeReplace)
    .setHasdetaileddiff(true);
  const kinds = providerPb.PropertyDiff.Kind;
  const kindOf = {
    add: [kinds.ADD, kinds.ADD_REPLACE],
    update: [kinds.UPDATE, kinds.UPDATE_REPLACE],
    delete: [kinds.DELETE, kinds.DELETE_REPLACE],
  } as const;
  for (const { path, kind, replaces, inputOnly } of changes) {
    const detail = new providerPb.PropertyDiff()
      .setKind(kindOf[kind][replaces ? 1 : 0])
      .setInputdiff(inputOnly === true);
    response.getDetaileddiffMap().set(formatPath(path), detail);
  }
  return response;
}

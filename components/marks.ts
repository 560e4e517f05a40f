/** @module The marks by which a stack's objects are known on the tenant itself, without any state. */
import * as pulumi from "@pulumi/pulumi";

/** What the objects of an environment say of it. */
interface Environment {
  readonly owner?: string | undefined;
  /** ISO 8601. */
  readonly expires?: string | undefined;
}

/** Auth0's limit for one value of a client's or a connection's metadata (Management API description). */
const maxValueLength = 255;

/**
 * The metadata of one object that a stack makes.
 *
 * What a killed `up` made and never recorded is found again by `tvk_urn` and adopted by the next
 * one, and a sweep of leaked environments needs nothing else: it goes by `tvk_expires`. `owner` keeps
 * apart people who run stacks of the same name against one tenant.
 *
 * @param type The Pulumi type token of the marked resource.
 * @param name Its name.
 * @param parent The component that owns it.
 * @param environment Whose it is, and until when. An object without an expiry is never swept.
 */
export function marks(
  type: string,
  name: string,
  parent: pulumi.ComponentResource,
  { owner, expires }: Environment,
): Record<string, pulumi.Input<string>> {
  return {
    tvk_stack: `${pulumi.getProject()}/${pulumi.getStack()}`.slice(0, maxValueLength),
    // The end of a URN tells resources apart, so a long one loses its start.
    tvk_urn: urnOf(type, name, parent).then((urn) => urn.slice(-maxValueLength)),
    ...(owner === undefined ? {} : { tvk_owner: owner }),
    ...(expires === undefined ? {} : { tvk_expires: expires }),
  };
}

/**
 * The URN that a child will have. A promise, because as an output it would depend on the parent, the
 * parent stands for all its children, and the child would wait for itself.
 */
function urnOf(type: string, name: string, parent: pulumi.ComponentResource): Promise<string> {
  return new Promise((resolve) => {
    pulumi.createUrn(name, type, parent).apply(resolve);
  });
}

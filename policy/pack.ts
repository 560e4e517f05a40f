/** @module The rules as a Pulumi policy pack. */
import {
  PolicyPack,
  type ResourceValidationPolicy,
  type StackValidationPolicy,
} from "@pulumi/policy";
import { clientRules } from "./client-rules.ts";
import { connectionRules } from "./connection-rules.ts";
import { grantRules, stackRules } from "./grant-rules.ts";
import type { ResourceRule, Rule, StackRule } from "./rule.ts";

/** Every rule, in the order of docs/policy.md. */
export const rules: readonly Rule[] = [
  ...clientRules,
  ...connectionRules,
  ...grantRules,
  ...stackRules,
];

/** Starts the pack's server, which the engine asks about each resource. Once a process. */
export function servePolicies(): void {
  new PolicyPack("token-vault-kit", {
    description: "What a stack that uses Auth0 Token Vault must keep.",
    enforcementLevel: "mandatory",
    policies: rules.map((rule) => ("check" in rule ? resourcePolicy(rule) : stackPolicy(rule))),
  });
}

function resourcePolicy({
  name,
  description,
  type,
  check,
}: ResourceRule): ResourceValidationPolicy {
  return {
    name,
    description,
    validateResource: (args, report) => {
      if (args.type !== type) return;
      for (const each of check(args.props)) report(`${args.name}: ${each}.`);
    },
  };
}

function stackPolicy({ name, description, checkStack }: StackRule): StackValidationPolicy {
  return {
    name,
    description,
    validateStack: ({ resources }, report) => {
      for (const each of checkStack(resources)) report(`${each}.`);
    },
  };
}

/** @module The policy pack's door, for `pulumi up --policy-pack policy`. */
import { servePolicies } from "./pack.ts";

servePolicies();

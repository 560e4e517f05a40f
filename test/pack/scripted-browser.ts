/** A browser as a program, with a person who signs in as Alice and agrees: `scripted-browser.ts URL`. */
import { alice, demoVisitor } from "../../cli/sign-in/demo-user.ts";

await demoVisitor(alice)(process.argv[2] ?? "");

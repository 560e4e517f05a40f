/** Pulumi's own mocks, set before a component is made, with every registration kept. */
import * as pulumi from "@pulumi/pulumi";

export interface Recorded {
  readonly type: string;
  readonly name: string;
  readonly inputs: Record<string, unknown>;
}

/** Every resource that was registered since the start of the test file, in order. */
export const registered: Recorded[] = [];

/** Components register themselves too; their type tokens are the package's own. */
export function children(): Recorded[] {
  return registered.filter(({ type }) => !type.startsWith("token-vault-kit:"));
}

export async function withMocks(): Promise<void> {
  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        registered.push({ type: args.type, name: args.name, inputs: args.inputs });
        const outputs: Record<string, unknown> = { ...args.inputs };
        if (args.type === "auth0:index/client:Client") outputs["clientId"] = `${args.name}-id`;
        if (args.type === "auth0:index/clientCredentials:ClientCredentials") {
          outputs["clientSecret"] = "pl4nted-client-secret";
        }
        if (args.type === "command:local:Command") outputs["stdout"] = "{}";
        return { id: `${args.name}-id`, state: outputs };
      },
      call: () => ({}),
    },
    "token-vault-kit",
    "test",
    false,
  );
}

/** The value of an output, and whether it is secret. */
export async function settled<T>(output: pulumi.Output<T>): Promise<{ value: T; secret: boolean }> {
  const value = await new Promise<T>((resolve) => {
    output.apply(resolve);
  });
  return { value, secret: await pulumi.isSecret(output) };
}

/** The problems of an InputPropertiesError that `make` throws. */
export function inputProblems(make: () => unknown): { propertyPath: string; reason: string }[] {
  try {
    make();
  } catch (error) {
    if (pulumi.InputPropertiesError.isInstance(error)) return error.errors;
    throw error;
  }
  return [];
}

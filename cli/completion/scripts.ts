/** @module The completion script of each shell: it holds the whole tree and starts no process. */
import type { Flag, Place } from "./command-tree.ts";

/** The shells for which there is a script. */
export const scripts: Readonly<Record<string, (places: readonly Place[]) => string>> = {
  bash: bashScript,
  zsh: zshScript,
  fish: fishScript,
};

/** For bash 3.2 and later, as macOS has it. */
function bashScript(places: readonly Place[]): string {
  const cases = places.map(({ at, children, flags }) => {
    const words = [...children.map(({ name }) => name), ...flags.flatMap(dashed)];
    return `    ${quoted(at)}) words=${quoted(words.join(" "))} ;;`;
  });
  return `# tvk completion for bash: eval "$(tvk completion bash)" in ~/.bashrc
_tvk() {
  local at="" word words="" cur="\${COMP_WORDS[COMP_CWORD]}" last="\${COMP_WORDS[COMP_CWORD-1]}" i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    case "\${COMP_WORDS[i-1]}" in ${valued(places)}) continue ;; esac
    case "\${at:+$at }$word" in
      ${knownPlaces(places)}) at="\${at:+$at }$word" ;;
    esac
  done
  COMPREPLY=()
  case "$last" in
    ${flagPattern(places, "file")}) COMPREPLY=($(compgen -f -- "$cur")); return ;;
    ${flagPattern(places, "text")}) return ;;
  esac
  case "$at" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$words" -- "$cur"))
}
complete -o filenames -F _tvk tvk
`;
}

function zshScript(places: readonly Place[]): string {
  const described = (name: string, text: string) => quoted(`${name}:${text.replace(/:/g, "\\:")}`);
  const cases = places.map(({ at, children, flags }) => {
    const commands = children.map(({ name, description }) => described(name, description));
    const options = flags.flatMap((flag) =>
      dashed(flag).map((name) => described(name, flag.description)),
    );
    return `    ${quoted(at)}) commands=(${commands.join(" ")}); options=(${options.join(" ")}) ;;`;
  });
  return `#compdef tvk
# tvk completion for zsh: eval "$(tvk completion zsh)" in ~/.zshrc, after compinit
_tvk() {
  local at="" word last=""
  local -a commands options
  for word in "\${(@)words[2,CURRENT-1]}"; do
    case "$last" in ${valued(places)}) last=""; continue ;; esac
    last="$word"
    case "\${at:+$at }$word" in
      ${knownPlaces(places)}) at="\${at:+$at }$word" ;;
    esac
  done
  case "$last" in
    ${flagPattern(places, "file")}) _files; return ;;
    ${flagPattern(places, "text")}) return ;;
  esac
  case "$at" in
${cases.join("\n")}
  esac
  if [[ "\${words[CURRENT]}" == -* ]]; then
    _describe -o option options
  elif (( $#commands )); then
    _describe command commands
  else
    _files
  fi
}
compdef _tvk tvk
`;
}

function fishScript(places: readonly Place[]): string {
  const lines = places.flatMap(({ at, children, flags }) => {
    const rule = `complete -c tvk -n ${quoted(`test (__tvk_at) = "${at}"`)}`;
    return [
      ...children.map(({ name, description }) => `${rule} -f -a ${name} -d ${quoted(description)}`),
      ...flags.map(({ name, short, value, description }) => {
        const takes = value === "file" ? " -r -F" : value === "text" ? " -x" : "";
        return `${rule} -l ${name}${short ? ` -s ${short}` : ""}${takes} -d ${quoted(description)}`;
      }),
    ];
  });
  return `# tvk completion for fish: tvk completion fish > ~/.config/fish/completions/tvk.fish
function __tvk_at
    set -l at
    set -l last
    for word in (commandline -opc)[2..]
        if contains -- "$last" ${valued(places).replaceAll("|", " ")}
            set last
            continue
        end
        set last $word
        if contains -- (string join -- ' ' $at $word) ${knownPlaces(places).replaceAll("|", " ")}
            set -a at $word
        end
    end
    echo "$at"
end
${lines.join("\n")}
`;
}

/** Every place but the first, as a pattern of `case`. */
function knownPlaces(places: readonly Place[]) {
  return places
    .slice(1)
    .map(({ at }) => quoted(at))
    .join("|");
}

/** The flags that take such a value, as a pattern of `case`. */
function flagPattern(places: readonly Place[], value: Flag["value"]) {
  const flags = places.flatMap((place) => place.flags).filter((flag) => flag.value === value);
  return [...new Set(flags.flatMap(dashed))].join("|");
}

function valued(places: readonly Place[]) {
  return `${flagPattern(places, "file")}|${flagPattern(places, "text")}`;
}

function dashed({ name, short }: Flag): string[] {
  return [...(short ? [`-${short}`] : []), `--${name}`];
}

/** In single quotes, which all three shells read alike but for what is in them. */
function quoted(text: string) {
  return `'${text.replace(/'/g, "’")}'`;
}

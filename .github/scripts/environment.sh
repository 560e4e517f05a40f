#!/usr/bin/env bash
# One step in the life of a pull request's environment: environment.sh open|use|end|close|sweep
#
# In: ENVIRONMENT, its name (pr-42); ENVIRONMENT_STACK, the committed stack that it is like (dev);
# for a tenant at Auth0 also AUTH0_CLIENT_ID, AUTH0_CLIENT_SECRET, PULUMI_BACKEND_URL and
# PULUMI_CONFIG_PASSPHRASE. Out: environment-results/*.json, which summary.ts reads.
# All of it is passed on as words and never as text of a command: a name is checked by tvk.
set -euo pipefail

stack=${ENVIRONMENT_STACK:-dev}
results=environment-results
mkdir -p "$results"
# Pulumi Cloud is never asked: without a backend of your own, the state stays in this folder.
export PULUMI_BACKEND_URL=${PULUMI_BACKEND_URL:-file://$PWD/$results}

tvk() { node_modules/.bin/node cli/tvk.mjs --json "$@"; }
# A local tenant lives and ends with its runner; a shared one outlives it.
is_local() { grep -q 'token-vault-kit:tenant: local' "Pulumi.$stack.yaml"; }

case "${1:-}" in
  open)
    owner=${GITHUB_REPOSITORY:-}
    # Held to the policy pack: what a pull request breaks is seen here, before it is made.
    tvk env create "$ENVIRONMENT" --policy --from "$stack" --ttl "${ENVIRONMENT_TTL:-7d}" \
      ${owner:+--owner "${owner:0:64}"} >"$results/created.json"
    ;;
  use)
    # The scripted user signs in at a local tenant only; a tenant at Auth0 waits for a person.
    if is_local; then tvk dev --stack "$ENVIRONMENT" --keep >"$results/used.json" </dev/null; fi
    ;;
  end)
    if ! is_local; then exit 0; fi
    tvk env destroy "$ENVIRONMENT" --from "$stack" >"$results/destroyed.json"
    tvk tenant stop
    ;;
  close)
    if is_local; then
      echo "The environment ended with its runner."
      exit 0
    fi
    tvk env destroy "$ENVIRONMENT" --from "$stack" >"$results/destroyed.json"
    ;;
  sweep)
    if is_local; then
      echo "Nothing to sweep: a local tenant ends with its runner."
      exit 0
    fi
    owner=${GITHUB_REPOSITORY:-}
    tvk env sweep --from "$stack" ${owner:+--owner "${owner:0:64}"}
    ;;
  *)
    echo "usage: environment.sh open|use|end|close|sweep" >&2
    exit 2
    ;;
esac

#!/usr/bin/env bash
# Puts on this machine what npm run test:redis needs: a redis-server. Does nothing where there is one. As root
# on Debian or Ubuntu it installs it; elsewhere it says what to install and ends with 1.
set -euo pipefail

if command -v redis-server >/dev/null; then
  echo "redis-server is there."
  exit 0
fi
if [ "$EUID" -eq 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends redis-server
  command -v redis-server >/dev/null && exit 0
fi
echo "The tests of the shared store need a redis-server. On Debian: sudo apt-get install redis-server." >&2
exit 1

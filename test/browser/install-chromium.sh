#!/usr/bin/env bash
# Puts on this machine what the tests in a browser need: a Chromium, and certutil, with which it is told to
# trust the tenant. Does nothing where both are there. As root on Debian or Ubuntu it installs them; elsewhere
# it says what to install and ends with 1.
set -euo pipefail

# The same places as test/browser/chromium.ts looks in.
has_chromium() {
  [ -n "${TVK_CHROMIUM:-}" ] && { [ -x "$TVK_CHROMIUM" ]; return; }
  local name
  for name in chromium chromium-browser google-chrome google-chrome-stable; do
    command -v "$name" >/dev/null && return
  done
  [ -x "/Applications/Chromium.app/Contents/MacOS/Chromium" ] ||
    [ -x "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" ]
}

# macOS has no such database: there the tests go by the tenant's key.
has_certutil() { [[ "$OSTYPE" == darwin* ]] || command -v certutil >/dev/null; }

packages=()
has_chromium || packages+=(chromium)
has_certutil || packages+=(libnss3-tools)
if [ "${#packages[@]}" -eq 0 ]; then
  echo "Chromium and certutil are there."
  exit 0
fi

if [ "$EUID" -eq 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}"
  has_chromium && has_certutil && exit 0
fi

echo "The tests in a browser need ${packages[*]}. On Debian: sudo apt-get install ${packages[*]}." >&2
echo "Elsewhere: install Chromium or Google Chrome (and on Linux certutil, of NSS), or put a Chromium's path into TVK_CHROMIUM." >&2
exit 1

#!/usr/bin/env bash
# Puts on this machine what the tests of the command line use where it is there: zsh and fish, and a keyring
# (gnome-keyring with a D-Bus session). As root on Debian or Ubuntu it installs what is missing; elsewhere it says
# what is, and the tests say what they left out.
set -euo pipefail

missing=()
command -v zsh >/dev/null || missing+=(zsh)
command -v fish >/dev/null || missing+=(fish)
command -v gnome-keyring-daemon >/dev/null || missing+=(gnome-keyring)
command -v dbus-run-session >/dev/null || missing+=(dbus)
if [ ${#missing[@]} -eq 0 ]; then
  echo "zsh, fish and a keyring are there."
  exit 0
fi
if [ "$EUID" -eq 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${missing[@]}"
  exit 0
fi
echo "Not there, so not tested: ${missing[*]}. On Debian: sudo apt-get install ${missing[*]}." >&2

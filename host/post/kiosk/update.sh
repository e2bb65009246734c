#!/bin/sh
# While a new program proves itself, a copy of the one before lies beside the journal: that one goes on, whatever the
# new one is good for.
set -eu
ground=/var/lib/mpaka-update
program=/usr/bin/mpaka
if [ -e "$ground/journal.json" ] && [ -x "$ground/keeper" ]; then program="$ground/keeper"; fi
status=0
"$program" update apply || status=$?
# Broken off in the middle, and perhaps nothing runs that could ask again: the service is started again in a while.
if [ "$status" -ne 0 ] && [ -e "$ground/journal.json" ]; then status=75; fi
exit "$status"

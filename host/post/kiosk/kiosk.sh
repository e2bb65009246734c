#!/bin/sh
# The browser of the kiosk. Waits for the desk, then shows it and nothing else.
# MPAKA_SCREEN=x11 in /etc/mpaka/kiosk.env where the browser does not get on with this screen's Wayland.
set -eu
desk=${MPAKA_DESK:-http://127.0.0.1:8470}
until curl -s -o /dev/null --max-time 1 "$desk/sign-in"; do
    sleep 1
done
exec chromium \
    --kiosk --app="$desk" --ozone-platform="${MPAKA_SCREEN:-wayland}" \
    --user-data-dir=/run/mpaka-kiosk/browser --disk-cache-size=1 \
    --no-first-run --noerrdialogs --disable-infobars --disable-session-crashed-bubble \
    --disable-features=BackForwardCache,Translate,MediaRouter,OptimizationHints,AutofillServerCommunication \
    --disable-background-networking --disable-component-update --disable-sync --disable-breakpad \
    --disable-pinch --overscroll-history-navigation=0 --password-store=basic \
    --host-rules="MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"

# Asks process 1 of the host for one reboot, or says why not. POSIX sh; runs in the host's PID namespace, in a pod or as a
# unit of the host's systemd.
#
# BOOT_ID    the boot that shall end; on any other the node has rebooted already
# NOT_AFTER  unix seconds by the node's own clock: a pod may start hours late
# PROVE      1: everything but the call
# ROOT       where the host's /proc is found, as $ROOT/proc: a container's own may show another boot ID
# OUT        a file that gets the message besides stdout
# MARK       over SSH, where no API server admits just one pod: a directory that is made before the call and is gone after
#            the boot, so that each boot is asked once
# KILL       the command that signals; OWN_PROC the /proc of this PID namespace. Both for tests.
#
# Exit codes: 0 proved, 3 refused, 4 the signal could not be sent.
set -u
LC_ALL=C
export LC_ALL
message="aksreboot-reboot 1"

# The whole message each time: what is there when the node goes down must be complete.
say() {
    message="$message
$1"
    printf '%s\n' "$1"
    if [ -n "${OUT:-}" ]; then
        printf '%s\n' "$message" >"$OUT"
    fi
}

refuse() {
    say "refused $1"
    exit 3
}

printf '%s\n' "$message"

found=
{ read -r found <"$ROOT/proc/sys/kernel/random/boot_id"; } 2>/dev/null
case $found in
'' | *[!0-9a-f-]*) refuse "boot-id unreadable" ;;
"$BOOT_ID") ;;
*) refuse "boot-id $found" ;;
esac

now=$(date +%s)
case $now in
'' | *[!0-9]*) refuse "not-after unreadable" ;;
esac
[ "$now" -le "$NOT_AFTER" ] || refuse "not-after $now"

packaging_at_work || refuse "packaging hidden"
[ -z "$packaging" ] || refuse "packaging$packaging"

# Signal 39 means reboot to systemd alone. The number is literal: a name such as RTMIN+5 is another number in another
# C library (34 + 5 with glibc; 40, kexec, with musl).
init=
{ read -r init <"${OWN_PROC:-/proc}/1/comm"; } 2>/dev/null
[ "$init" = systemd ] || refuse "init"

"${KILL:-kill}" -0 1 2>/dev/null || refuse "signal"

mark=${MARK:-}
if [ -n "$mark" ] && [ -e "$mark" ]; then
    refuse asked
fi

if [ "$PROVE" = 1 ]; then
    say proved
    exit 0
fi

if [ -n "$mark" ] && ! mkdir -m 0755 "$mark" 2>/dev/null; then
    [ -e "$mark" ] && refuse asked
    refuse mark
fi

say asking
if ! "${KILL:-kill}" -39 1; then
    [ -z "$mark" ] || rmdir "$mark"
    say "failed signal"
    exit 4
fi

# Asked. A unit has said so and is done.
[ -z "$mark" ] || exit 0
# Of a pod, ending now would look like being done; the boot ends this process.
while :; do
    sleep 5
done

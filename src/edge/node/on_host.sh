# Over SSH, as root on the host: says whether this boot was asked to end, or runs the reboot script as a transient unit of
# the host's systemd, which a connection that breaks does not end. POSIX sh.
#
# NONCE     stands in the first line
# WANTED    look: was this boot asked? ask: run the reboot script
# REBOOT    the reboot script; UNIT the name of its unit, one for each boot
# BOOT_ID, NOT_AFTER, PROVE, MARK   as in the reboot script
# HOST      the root of the host, for tests
#
# Exit codes: 0 told, else the unit could not be run.
set -u
LC_ALL=C
export LC_ALL

printf 'aksreboot-host 1 %s\n' "$NONCE"

if [ "$WANTED" = look ]; then
    found=
    { read -r found <"${HOST:-}/proc/sys/kernel/random/boot_id"; } 2>/dev/null
    case $found in
    '' | *[!0-9a-f-]*) printf 'unreadable\n' ;;
    "$BOOT_ID")
        # Only where its folder can be listed is it certain that there is no mark.
        if [ -e "$MARK" ]; then
            printf 'asked\n'
        elif [ -r "${MARK%/*}" ] && [ -x "${MARK%/*}" ]; then
            printf 'free\n'
        else
            printf 'unreadable\n'
        fi
        ;;
    *) printf 'boot %s\n' "$found" ;;
    esac
    exit 0
fi

if ! command -v systemd-run >/dev/null 2>&1; then
    printf 'aksreboot-reboot 1\nrefused unit\n'
    exit 0
fi
# Through a pipe, since systemd would fill in the variables of an argument; in braces, so that all of it is read first.
code=0
printf '{\n%s\n}\n' "$REBOOT" | systemd-run --quiet --collect --pipe --wait --unit="$UNIT" \
    --setenv=ROOT="${HOST:-}" --setenv=BOOT_ID="$BOOT_ID" --setenv=NOT_AFTER="$NOT_AFTER" --setenv=PROVE="$PROVE" \
    --setenv=MARK="$MARK" /bin/sh -s || code=$?
case $code in
# The script's own, which has said why.
3 | 4) exit 0 ;;
esac
exit "$code"

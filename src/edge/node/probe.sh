# Reads what a node says about a pending reboot, and writes nothing on it. POSIX sh: dash, busybox ash, bash.
# It uses the functions of packaging.sh, answer.sh, replaced.sh, patching.sh and updates.sh, which go before it.
#
# ROOT   the root of the host: /host in a pod, empty over SSH
# NONCE  what this answer is asked under
# OUT    a file that gets the answer besides stdout; empty: none
# SENTINEL_FILE, SENTINEL_COMMAND  what the operator takes for evidence in place of the flag; the command only as root
#        on the host itself; no file: empty or -
# QUESTION  the script that asks the host's package manager, told by its own variables; empty: not asked
#
# Prints lines `KEY VALUE`, percent-encoded. A key that is missing was not read. The kubelet keeps the last 4096
# bytes of a termination message, so the answer keeps itself under LIMIT and counts what it leaves out: what decides
# comes first and is short, lists come last.

# Takes the quotes off a value of os-release.
unquote() {
    value=$1
    case $value in
    \"*\") value=${value#\"} value=${value%\"} ;;
    \'*\') value=${value#\'} value=${value%\'} ;;
    esac
}

boot=
{ read -r boot <"$ROOT/proc/sys/kernel/random/boot_id"; } 2>/dev/null
put_value boot-id "$boot" 100
put_value kernel "$(uname -r)" 100

id='' version='' variant=''
look /etc/os-release
if [ "$state" != there ] || [ ! -f "$file" ]; then
    look /usr/lib/os-release
fi
if [ "$state" = there ] && [ -f "$file" ]; then
    release=$(head -c 16384 "$file" 2>/dev/null | tr -d '\000')
    set -f
    IFS=$newline
    for line in $release; do
        unquote "${line#*=}"
        case $line in
        ID=*) id=$value ;;
        VERSION_ID=*) version=$value ;;
        VARIANT_ID=*) variant=$value ;;
        esac
    done
    unset IFS
    set +f
fi
put_value os-id "$id" 60
put_value os-version "$version" 60
put_value os-variant "$variant" 60
put_value clock "$(date +%s)" 20

# By the kernel, and by a socket that systemd makes as it starts: where the two disagree, the clock was set in between.
started=$({ sed -n 's/^btime \([0-9]*\)$/\1/p' <"$ROOT/proc/stat"; } 2>/dev/null)
put_value boot-time "$started" 20
newest_of %Z /run/systemd/notify
put_value run-time "$newest" 20

# The flag's existence counts, never its content. /var/run is an absolute symlink, hence /run.
if ! searchable "$ROOT/run"; then
    put "flag unreadable $why"
    put "reboot-needed unreadable $why"
else
    put_flag flag /run/reboot-required
    # SUSE's name for the same.
    put_flag reboot-needed /run/reboot-needed
fi
put_sentinel
put_needrestart
put_patch_times
put_dnf_settings
put_updates

case $id in
azurelinux | mariner | rhel | centos | rocky | almalinux | fedora) put_components_by_rpm || put_components_by_files ;;
*) put_components_by_files ;;
esac
put_writers
put_traits
put_timers
put_apt_settings

if packaging_at_work; then
    # Names of our own choosing: they split safely.
    # shellcheck disable=SC2086
    put_list packaging packaging-process $LIMIT $packaging
else
    put "packaging unreadable hidden"
fi

# Nothing is hidden from a listing that succeeds; a glob alone matches nothing in both cases.
if ! searchable "$ROOT"; then
    boot_files="unreadable $why"
elif ! there "$ROOT/boot"; then
    boot_files=absent
elif ! searchable "$ROOT/boot"; then
    boot_files="unreadable $why"
elif ! ls "$ROOT/boot" >/dev/null 2>&1; then
    boot_files="unreadable not-listable"
else
    boot_files=
    set --
    for kernel in "$ROOT"/boot/vmlinuz-*; do
        if there "$kernel"; then
            set -- "$@" "${kernel##*/vmlinuz-}"
        fi
    done
    put_list vmlinuz vmlinuz-file $((used + (LIMIT - used) / 2)) "$@"
fi
if [ -n "$boot_files" ]; then
    put "vmlinuz $boot_files"
    # Some systems close /boot; the directories of modules say nearly the same.
    installed_modules
    if [ -n "$why" ]; then
        put "modules unreadable $why"
    else
        set -f
        IFS=$newline
        # shellcheck disable=SC2086
        set -- $kernels
        unset IFS
        set +f
        put_list modules module $((used + (LIMIT - used) / 2)) "$@"
    fi
fi

# Packages last: their names explain, they decide nothing, and they may be many.
packages=$ROOT/run/reboot-required.pkgs
if ! searchable "$ROOT/run"; then
    put "pkgs unreadable $why"
elif ! there "$packages"; then
    put "pkgs absent"
elif [ -L "$packages" ] || [ ! -f "$packages" ]; then
    put "pkgs unreadable not-a-file"
elif ! size=$({ wc -c <"$packages"; } 2>/dev/null); then
    put "pkgs unreadable not-readable"
elif [ "$size" -gt 65536 ]; then
    put "pkgs unreadable too-large"
elif ! names=$({ sort -u <"$packages"; } 2>/dev/null); then
    put "pkgs unreadable not-readable"
else
    # One name a line, whatever else is in the line.
    set -f
    IFS=$newline
    # shellcheck disable=SC2086
    set -- $names
    unset IFS
    set +f
    put_list pkgs pkg $LIMIT "$@"
fi

answer="aksreboot-probe 1 $NONCE$newline${body}end $NONCE $count"
printf '%s\n' "$answer"
if [ -n "${OUT:-}" ]; then
    printf '%s\n' "$answer" >"$OUT"
fi
# Too long for the answer itself, which says what it should be.
if [ -n "$list" ]; then
    printf '%s\n' "$list"
fi

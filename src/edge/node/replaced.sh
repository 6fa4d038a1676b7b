# Which of the parts that only a reboot takes into use were replaced, and when: the evidence where no package raises
# a flag. A package manager writes a new file and renames it into place, so the file's change time (ctime, which nobody
# can set back) is the moment of its installation. Judged against the boot in `core::evidence`, not here.

# NAME PATH…: one part by the files that its package brings.
put_component() {
    part_name=$1
    shift
    newest_of %Z "$@"
    if [ -n "$why" ]; then
        put "component $part_name unreadable $why"
    elif [ -n "$newest" ]; then
        put "component $part_name $newest"
    else
        put "component $part_name absent"
    fi
}

# The directories of installed kernels. depmod rewrites most of what is in them, and leaves its files behind when the
# kernel goes; modules.builtin comes with the package alone. Sets kernels (their names, one a line) and why.
installed_modules() {
    kernels=
    why=
    set --
    look /lib/modules
    if [ "$state" = absent ] || [ "$state" = no-directory ]; then
        # A host without a kernel of its own; a directory that is there and empty comes to the same.
        why=
    elif [ "$state" != there ]; then
        why=$state
    elif ! ls "$file" >/dev/null 2>&1 || ! searchable "$file"; then
        why=not-listable
    else
        for marker in "$file"/*/modules.builtin; do
            if [ -f "$marker" ] && [ ! -L "$marker" ] && [ ! -L "${marker%/*}" ]; then
                set -- "$@" "$marker"
                name=${marker%/*}
                kernels="$kernels${name##*/}$newline"
            fi
        done
    fi
    newest=
    if [ $# -gt 0 ]; then
        if times=$(stat -c %Z "$@" 2>/dev/null); then
            for seconds in $times; do
                case $seconds in
                *[!0-9]*) why=no-time ;;
                *) [ -n "$newest" ] && [ "$newest" -ge "$seconds" ] || newest=$seconds ;;
                esac
            done
        else
            why=no-time
        fi
    fi
}

put_components_by_files() {
    put "components-by files"
    # Other systems have other names for the directory of libraries; of several architectures the newest counts.
    put_component glibc /usr/lib64/libc.so.6 /usr/lib/libc.so.6 \
        /usr/lib/x86_64-linux-gnu/libc.so.6 /usr/lib/aarch64-linux-gnu/libc.so.6 \
        /lib/x86_64-linux-gnu/libc.so.6 /lib/aarch64-linux-gnu/libc.so.6
    put_component systemd /usr/lib/systemd/systemd /lib/systemd/systemd
    put_component dbus /usr/bin/dbus-daemon /usr/bin/dbus-broker
    # A directory's change time moves with each file that is renamed into it.
    put_component linux-firmware /usr/share/licenses/linux-firmware /usr/share/doc/linux-firmware
    put_component microcode /usr/share/licenses/microcode_ctl /usr/share/doc/microcode_ctl /usr/share/microcode_ctl
    installed_modules
    if [ -n "$why" ]; then
        put "component kernel unreadable $why"
    elif [ -n "$newest" ]; then
        put "component kernel $newest"
    else
        put "component kernel absent"
    fi
}

# On the host itself rpm knows it exactly. Asked without root, since a reader with it would write its locks.
put_components_by_rpm() {
    [ -z "$ROOT" ] && command -v rpm >/dev/null 2>&1 && command -v timeout >/dev/null 2>&1 || return 1
    set -- timeout 10 rpm -q --qf '%{NAME} %{INSTALLTIME}\n' glibc systemd dbus dbus-broker dbus-daemon linux-firmware \
        microcode_ctl kernel kernel-core kernel-rt kernel-64k kernel-hwe kernel-mshv kernel-uki kernel-ipe
    if [ "$(id -u)" -eq 0 ]; then
        command -v setpriv >/dev/null 2>&1 || return 1
        set -- setpriv --reuid=65534 --regid=65534 --clear-groups -- "$@"
    fi
    # Packages that are not installed make the exit code 1 as much as a broken database does.
    said=$("$@" 2>/dev/null </dev/null)
    glibc='' systemd='' dbus='' linux_firmware='' microcode='' kernel=''
    set -f
    IFS=$newline
    for line in $said; do
        seconds=${line#* }
        case $seconds in
        '' | *[!0-9]*) continue ;;
        esac
        case ${line%% *} in
        glibc) [ "${glibc:-0}" -gt "$seconds" ] || glibc=$seconds ;;
        systemd) [ "${systemd:-0}" -gt "$seconds" ] || systemd=$seconds ;;
        dbus*) [ "${dbus:-0}" -gt "$seconds" ] || dbus=$seconds ;;
        linux-firmware) [ "${linux_firmware:-0}" -gt "$seconds" ] || linux_firmware=$seconds ;;
        microcode_ctl) [ "${microcode:-0}" -gt "$seconds" ] || microcode=$seconds ;;
        kernel*) [ "${kernel:-0}" -gt "$seconds" ] || kernel=$seconds ;;
        esac
    done
    unset IFS
    set +f
    # Without these it was no whole answer.
    [ -n "$glibc" ] && [ -n "$systemd" ] && [ -n "$kernel" ] || return 1
    put "components-by rpm"
    put "component glibc $glibc"
    put "component systemd $systemd"
    put "component kernel $kernel"
    put "component dbus ${dbus:-absent}"
    put "component linux-firmware ${linux_firmware:-absent}"
    put "component microcode ${microcode:-absent}"
}


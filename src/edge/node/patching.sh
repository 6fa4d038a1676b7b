# Who raises the flag on this host, who installs updates on it, and when packages last changed.

# KEY ITEM ENTRY…: entries NAME=PATH; the names of those that are there, or why one of them is unknown.
put_those_there() {
    list_key=$1
    list_item=$2
    shift 2
    unknown=
    wanted=$#
    while [ "$wanted" -gt 0 ]; do
        entry=$1
        shift
        wanted=$((wanted - 1))
        look "${entry#*=}"
        case $state in
        there) set -- "$@" "${entry%%=*}" ;;
        absent | no-directory) ;;
        *) unknown=$state ;;
        esac
    done
    if [ -n "$unknown" ]; then
        put "$list_key unreadable $unknown"
    else
        put_list "$list_key" "$list_item" $LIMIT "$@"
    fi
}

# A hook of the kernel's packages tells of kernels; libc6 and others call notify-reboot-required, where it is.
put_writers() {
    put_those_there writers writer \
        kernel:unattended-upgrades=/etc/kernel/postinst.d/unattended-upgrades \
        kernel:update-notifier=/etc/kernel/postinst.d/update-notifier \
        kernel:reboot-notifier=/etc/kernel/postinst.d/reboot-notifier \
        packages:update-notifier=/usr/share/update-notifier/notify-reboot-required \
        zypp=/etc/zypp/needreboot.d \
        zypp=/usr/etc/zypp/needreboot.d
}

# systemd-stub leaves its name in a variable of the firmware: the kernel came in one piece from the ESP.
put_traits() {
    put_those_there traits trait \
        livepatch=/var/snap/canonical-livepatch \
        needrestart=/usr/sbin/needrestart \
        ostree=/run/ostree-booted \
        uki=/sys/firmware/efi/efivars/StubInfo-4a67b082-0a4c-41cf-b6c7-440b29bb8c4f
}

# Timers as `systemctl enable` and `systemctl mask` leave them in the file system; systemd itself cannot be asked.
put_timers() {
    look /etc/systemd/system
    if [ "$state" != there ]; then
        put "timers unreadable $state"
        return
    fi
    if ! searchable "$file"; then
        put "timers unreadable $why"
        return
    fi
    units=$file
    set --
    for name in apt-daily apt-daily-upgrade dnf-automatic dnf-automatic-install dnf5-automatic snapshot-update \
        check-restart transactional-update; do
        if [ "$(readlink "$units/$name.timer" 2>/dev/null)" = /dev/null ]; then
            set -- "$@" "$name:masked"
        elif there "$units/timers.target.wants/$name.timer" ||
            there "$ROOT/usr/lib/systemd/system/timers.target.wants/$name.timer"; then
            set -- "$@" "$name:enabled"
        fi
    done
    put_list timers timer $LIMIT "$@"
}

# apt's own settings of its daily work. The last assignment counts; apt.conf comes after the parts.
put_apt_settings() {
    look /etc/apt/apt.conf.d
    case $state in
    there) ;;
    absent | no-directory)
        put "apt-periodic absent"
        return
        ;;
    *)
        put "apt-periodic unreadable $state"
        return
        ;;
    esac
    if ! ls "$file" >/dev/null 2>&1; then
        put "apt-periodic unreadable not-listable"
        return
    fi
    set --
    for part in "$file"/* "${file%.d}"; do
        case ${part##*/} in
        *.conf) ;;
        *.*) continue ;;
        esac
        if [ -f "$part" ] && [ ! -L "$part" ]; then
            if [ ! -r "$part" ]; then
                put "apt-periodic unreadable not-readable"
                return
            fi
            set -- "$@" "$part"
        fi
    done
    Enable='' Lists='' Upgrade='' block=
    if [ $# -gt 0 ]; then
        settings=$(head -c 65536 "$@" 2>/dev/null | tr -d '\000' | sed -n \
            -e 's/^[[:blank:]]*APT::Periodic::\([A-Za-z-]*\)[[:blank:]]*"\([0-9a-z]*\)".*/\1 \2/p' \
            -e 's/^[[:blank:]]*\(APT::\)*Periodic[[:blank:]]*{.*/block/p')
        set -f
        IFS=$newline
        for setting in $settings; do
            case $setting in
            Enable\ *) Enable=${setting#* } ;;
            Update-Package-Lists\ *) Lists=${setting#* } ;;
            Unattended-Upgrade\ *) Upgrade=${setting#* } ;;
            block) block=1 ;;
            esac
        done
        unset IFS
        set +f
    fi
    if [ -n "$block" ]; then
        put "apt-periodic unreadable nested"
        return
    fi
    set --
    [ -z "$Enable" ] || set -- "$@" "Enable:$Enable"
    [ -z "$Lists" ] || set -- "$@" "Update-Package-Lists:$Lists"
    [ -z "$Upgrade" ] || set -- "$@" "Unattended-Upgrade:$Upgrade"
    put_list apt-periodic apt-setting $LIMIT "$@"
}

put_dnf_settings() {
    if found /etc/dnf/automatic.conf && [ -f "$file" ]; then
        apply=$(head -c 65536 "$file" 2>/dev/null | tr -d '\000' |
            sed -n 's/^[[:blank:]]*apply_updates[[:blank:]]*=[[:blank:]]*\([A-Za-z0-9]*\).*/\1/p' | sed -n '$p')
        put_value dnf-apply "$apply" 20
    fi
}

# The package database changes with every transaction; a timer's stamp or apt's own says when updates were last tried.
put_patch_times() {
    newest_of %Y /var/lib/dpkg/status /var/lib/rpm/rpmdb.sqlite /var/lib/rpm/rpmdb.sqlite-wal \
        /usr/lib/sysimage/rpm/rpmdb.sqlite /usr/lib/sysimage/rpm/rpmdb.sqlite-wal /usr/lib/sysimage/rpm/Packages.db \
        /var/lib/rpm/Packages /var/lib/rpm/Packages.db
    put_value packages-changed "$newest" 20
    newest_of %Y /var/lib/apt/periodic/unattended-upgrades-stamp /var/lib/apt/periodic/upgrade-stamp \
        /var/lib/systemd/timers/stamp-dnf-automatic-install.timer /var/lib/systemd/timers/stamp-dnf-automatic.timer \
        /var/lib/systemd/timers/stamp-dnf5-automatic.timer
    put_value patch-run "$newest" 20
}

# needrestart needs root and looks at the host it runs on, so it is asked over SSH alone. -b changes nothing.
put_needrestart() {
    [ -z "$ROOT" ] && [ "$(id -u)" -eq 0 ] && command -v timeout >/dev/null 2>&1 || return 0
    command -v needrestart >/dev/null 2>&1 || return 0
    said=$(timeout 20 needrestart -b -k 2>/dev/null </dev/null)
    expected=$(printf '%s\n' "$said" | sed -n 's/^NEEDRESTART-KEXP: *//p' | sed -n 1p)
    case $(printf '%s\n' "$said" | sed -n 's/^NEEDRESTART-KSTA: *//p' | sed -n 1p) in
    0) put "needrestart unknown" ;;
    1) put "needrestart current" ;;
    2 | 3) put "needrestart pending" ;;
    # It says nothing of the kernel where it takes the host for a container.
    *) put "needrestart unknown" ;;
    esac
    put_value needrestart-kernel "$expected" 80
}

# What the operator named in place of the flag: a file, or a command that is given to a shell of the host's own.
put_sentinel() {
    case ${SENTINEL_FILE:-} in
    '' | -) ;;
    */ | [!/]*) put "sentinel-file unreadable not-a-path" ;;
    *) put_flag sentinel-file "$SENTINEL_FILE" ;;
    esac
    [ -n "${SENTINEL_COMMAND:-}" ] || return 0
    if [ -n "$ROOT" ]; then
        put "sentinel-command refused pod"
    elif [ "$(id -u)" -ne 0 ]; then
        put "sentinel-command refused not-root"
    elif ! command -v timeout >/dev/null 2>&1; then
        put "sentinel-command refused no-timeout"
    else
        timeout 30 sh -c "$SENTINEL_COMMAND" >/dev/null 2>&1 </dev/null
        put "sentinel-command exit $?"
    fi
}


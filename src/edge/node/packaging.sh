# Shared by the probe and the reboot: which package managers are at work on the host, by the names of its processes.
# Reads $ROOT/proc. Sets packaging to the names, blank before each, or to nothing; returns 1 when processes are hidden.
# `unattended-upgr` is not one: that daemon is always there, and what it starts is dpkg.
packaging_at_work() {
    packaging=
    # With hidepid even process 1 cannot be looked at, and a list of the rest would be a list of our own.
    { read -r comm <"$ROOT/proc/1/comm"; } 2>/dev/null || return 1
    for process in "$ROOT"/proc/[0-9]*; do
        # A process that has ended meanwhile is not at work.
        { read -r comm <"$process/comm"; } 2>/dev/null || continue
        case $comm in
        dpkg | apt | apt-get | rpm | dnf | dnf5 | dnf-automatic | microdnf | tdnf | yum | zypper) ;;
        *) continue ;;
        esac
        of_the_host "$process" || continue
        case "$packaging " in
        *" $comm "*) ;;
        *) packaging="$packaging $comm" ;;
        esac
    done
}

# A process in a container's own PID namespace has a second number there: its packages are not the host's.
of_the_host() {
    while read -r key number inner; do
        if [ "$key" = NSpid: ]; then
            [ -z "$inner" ]
            return
        fi
    done 2>/dev/null <"$1/status"
    return 0
}


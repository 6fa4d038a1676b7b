# Chooses the package manager, asks it, and prints what came of it, the list last.

# Which of them the system goes by. tdnf and dnf keep their data apart: the one that has some is asked.
choose() {
    system=
    for file in /etc/os-release /usr/lib/os-release; do
        if [ -f "$file" ]; then
            system=$(sed -n 's/^ID="\{0,1\}\([A-Za-z0-9._-]*\).*/\1/p' "$file" | sed -n 1p)
            break
        fi
    done
    manager=
    case $system in
    azurelinux | mariner | photon)
        if has tdnf && { ! has dnf || [ -n "$(ls /var/cache/tdnf 2>/dev/null)" ]; }; then
            manager=tdnf
        elif has dnf; then
            manager=dnf
        fi
        ;;
    rhel | centos | rocky | almalinux | fedora | ol | amzn) ! has dnf || manager=dnf ;;
    *)
        if has apt-get && has dpkg && [ -s /var/lib/dpkg/status ]; then
            manager=apt
        elif has dnf; then
            manager=dnf
        fi
        ;;
    esac
}

has() {
    command -v "$1" >/dev/null 2>&1
}

look_at_clock
began=$clock
choose
case $manager in
apt) ask_apt ;;
dnf) ask_dnf ;;
tdnf) ask_tdnf ;;
*) tell "updates-manager none" ;;
esac
look_at_clock
look_at_work
tell "updates-cost $((worked * 10)) $(((clock - began) * 10))"
if [ -n "$list" ]; then
    printf 'list\n%s\n' "$list"
fi

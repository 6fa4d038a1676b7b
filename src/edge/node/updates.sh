# What the host's package manager says, by a script of its own (QUESTION) that the host's shell runs: in a pod with the
# host's root directory as its own, on the host itself as it is. Puts the lines before the list into the answer, and
# keeps the list, which comes after it, in $list.
list=
put_updates() {
    [ -n "${QUESTION:-}" ] || return 0
    set -- /bin/sh -c "$QUESTION"
    [ -z "$ROOT" ] || set -- chroot "$ROOT" "$@"
    said=$(
        # The programs' places on the host, whatever the image has.
        PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:${PATH:-}
        export PATH REFRESH PATIENCE
        "$@" 2>/dev/null </dev/null
    )
    ended=$?
    if [ $ended -ne 0 ] || [ -z "$said" ]; then
        put "updates-manager unreadable exit%20code%20$ended"
        return
    fi
    case $said in
    *"${newline}list$newline"*)
        list=${said#*"${newline}list$newline"}
        said=${said%%"${newline}list$newline"*}
        ;;
    esac
    set -f
    IFS=$newline
    for line in $said; do
        put "$line"
    done
    unset IFS
    set +f
}

# Reads what a node says about a pending reboot, and writes nothing on it. POSIX sh: dash, busybox ash, bash.
#
# ROOT   the root of the host: /host in a pod, empty over SSH
# NONCE  what this answer is asked under
# OUT    a file that gets the answer besides stdout; empty: none
#
# Prints lines `KEY VALUE`, percent-encoded. A key that is missing was not read. The kubelet keeps the last 4096
# bytes of a termination message, so the answer keeps itself under LIMIT and counts what it leaves out.
set -u
LC_ALL=C
export LC_ALL
umask 077
LIMIT=4000
newline='
'
body=
count=0
# The first and the last line, and the count of what was left out.
used=$((2 * ${#NONCE} + 64))

# One line of the answer; all of it is ASCII by now.
put() {
    body="$body$1$newline"
    count=$((count + 1))
    used=$((used + ${#1} + 1))
}

# Sets encoded. Text with any unusual byte in it is encoded whole: od is there everywhere, a clever sed is not.
encode() {
    case $1 in
    *[!A-Za-z0-9._+:~/@-]*) encoded=$(printf %s "$1" | od -A n -v -t x1 | tr -d '\n' | sed 's/  */%/g') ;;
    *) encoded=$1 ;;
    esac
}

# KEY VALUE: left out when empty, or so long that it is no such value.
put_value() {
    if [ -n "$2" ] && [ ${#2} -le 100 ]; then
        encode "$2"
        put "$1 $encoded"
    fi
}

# KEY ITEM LIMIT NAME…: how many names there are, as many of them as fit, and how many do not.
put_list() {
    item=$2
    room=$3
    put "$1 read $(($# - 3))"
    shift 3
    omitted=0
    for name; do
        if [ ${#name} -gt 150 ] || [ "$used" -gt "$room" ]; then
            omitted=$((omitted + 1))
            continue
        fi
        encode "$name"
        if [ $((used + ${#item} + ${#encoded} + 2)) -gt "$room" ]; then
            omitted=$((omitted + 1))
        else
            put "$item $encoded"
        fi
    done
    [ "$omitted" -eq 0 ] || put "omitted $item $omitted"
}

# Follows absolute symlinks of the host inside ROOT: the container's own files must not answer for it. Sets file.
resolve() {
    file=$1
    hops=0
    while [ -L "$file" ] && [ "$hops" -lt 8 ]; do
        hops=$((hops + 1))
        link=$(readlink "$file") || return
        case $link in
        /*) file=$ROOT$link ;;
        *) file=${file%/*}/$link ;;
        esac
    done
}

# Why names inside a directory cannot be looked up, in $why; succeeds when they can. Only then is a missing name absent.
searchable() {
    why=
    if [ -L "$1" ]; then
        why=symlink
    elif (cd "$1/") 2>/dev/null; then
        return 0
    elif [ -d "$1" ]; then
        why=not-searchable
    else
        why=no-directory
    fi
    return 1
}

there() {
    [ -e "$1" ] || [ -L "$1" ]
}

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
put_value boot-id "$boot"
put_value kernel "$(uname -r)"

id= version= variant=
resolve "$ROOT/etc/os-release"
[ -f "$file" ] || resolve "$ROOT/usr/lib/os-release"
if [ -f "$file" ]; then
    while IFS= read -r line || [ -n "$line" ]; do
        unquote "${line#*=}"
        case $line in
        ID=*) id=$value ;;
        VERSION_ID=*) version=$value ;;
        VARIANT_ID=*) variant=$value ;;
        esac
    done 2>/dev/null <"$file"
fi
put_value os-id "$id"
put_value os-version "$version"
put_value os-variant "$variant"
put_value clock "$(date +%s)"

# The flag's existence counts, never its content. /var/run is an absolute symlink, hence /run.
flag=$ROOT/run/reboot-required
if ! searchable "$ROOT/run"; then
    put "flag unreadable $why"
elif there "$flag"; then
    since=$(stat -c %Y "$flag" 2>/dev/null) || since=
    case $since in
    '' | *[!0-9]*) put "flag present" ;;
    *) put "flag present $since" ;;
    esac
else
    put "flag absent"
fi

if packaging_at_work; then
    # Names of our own choosing: they split safely.
    # shellcheck disable=SC2086
    put_list packaging packaging-process $LIMIT $packaging
else
    put "packaging unreadable hidden"
fi

# Nothing is hidden from a listing that succeeds; a glob alone matches nothing in both cases.
if ! searchable "$ROOT"; then
    put "vmlinuz unreadable $why"
elif ! there "$ROOT/boot"; then
    put "vmlinuz absent"
elif ! searchable "$ROOT/boot"; then
    put "vmlinuz unreadable $why"
elif ! ls "$ROOT/boot" >/dev/null 2>&1; then
    put "vmlinuz unreadable not-listable"
else
    set --
    for kernel in "$ROOT"/boot/vmlinuz-*; do
        if there "$kernel"; then
            set -- "$@" "${kernel##*/vmlinuz-}"
        fi
    done
    put_list vmlinuz vmlinuz-file $((LIMIT / 2)) "$@"
fi

# Packages last: their names explain, they decide nothing, and they may be many.
packages=$flag.pkgs
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
